import type { Pipeline } from '@baton/pipeline'
import { errors } from './errors.ts'

/** The pipeline itself, or a function that loads its file: so nothing of the user's runs before it is wanted. */
export type Definition = Pipeline | (() => Promise<unknown>)

/** A file that waits for something while it loads has this long. */
const loadMsMax = 60_000

/** Gives the pipeline. @throws PIPELINE_NOT_EXPORTED, PIPELINE_INVALID, and whatever the user's file throws */
export async function loadPipeline(definition: Definition): Promise<Pipeline> {
  const loaded = typeof definition === 'function' ? await inTime(definition()) : definition
  const value = isModule(loaded) ? loaded.default : loaded
  if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'pipeline') {
    return value as Pipeline
  }
  throw errors.PIPELINE_NOT_EXPORTED()
}

const isModule = (value: unknown): value is { default: unknown } =>
  typeof value === 'object' && value !== null && 'default' in value && !('kind' in value)

async function inTime<T>(loading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(errors.PIPELINE_LOADS_FOREVER({ seconds: loadMsMax / 1000 })), loadMsMax)
  })
  try {
    return await Promise.race([loading, late])
  } finally {
    clearTimeout(timer)
  }
}
