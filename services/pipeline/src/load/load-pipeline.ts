import { BatonError, isBatonError } from '@baton/model'
import type { Pipeline } from '@baton/pipeline'
import { errors } from '../errors.ts'
import { findPlaceOf } from './source-places.ts'

/** What the bundle of a pipeline hands over: its file by name, and how it is loaded, so that nothing of it runs before it is wanted. */
export interface Definition {
  /** As its author knows it: pipeline.ts, pipelines/deploy.ts. */
  readonly file: string
  readonly load: () => Promise<unknown>
}

/** A file that waits for something while it loads has this long. Shorter than what a meta-build gives its description. */
export const loadMsMax = 15_000

/**
 * Loads the pipeline. Whatever goes wrong in the user's file meanwhile is a no with a code, the place in that file, and
 * what to do. @throws PIPELINE_LOAD_FAILED, PIPELINE_LOADS_FOREVER, PIPELINE_NOT_EXPORTED, PIPELINE_INVALID
 */
export async function loadPipeline({ file, load }: Definition): Promise<Pipeline> {
  const loaded = await inTime(file, load).catch((error: unknown) => Promise.reject(explain(error, file)))
  const value = isModule(loaded) ? loaded.default : undefined
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'pipeline') {
    return value as Pipeline
  }
  throw errors.PIPELINE_NOT_EXPORTED({ file })
}

const isModule = (value: unknown): value is { default: unknown } =>
  typeof value === 'object' && value !== null && 'default' in value

function inTime<T>(file: string, load: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const late = () => reject(errors.PIPELINE_LOADS_FOREVER({ file, seconds: loadMsMax / 1000 }))
    // Alone it keeps nobody waiting: where nothing else is to come, waiting is over at once.
    const timer = setTimeout(late, loadMsMax).unref()
    load()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

function explain(error: unknown, file: string): BatonError {
  const place = findPlaceOf(error)
  if (isBatonError(error)) {
    if (place === undefined) return error
    const { code, kind, message, fields, hint } = error
    return new BatonError(code, kind, `${place}: ${message}`, { fields: { ...fields, place }, hint, cause: error })
  }
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) }
  // What Node says of a module that is missing names our bundle, which its author has never seen.
  const said = message.replace(/ imported from \S+$/, '')
  return errors.PIPELINE_LOAD_FAILED({ place: place ?? file, name, message: said }, error)
}
