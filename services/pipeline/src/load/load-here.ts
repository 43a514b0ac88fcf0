import type { Pipeline } from '@baton/pipeline'
import { exitCodes } from '../attempt/exit-codes.ts'
import { errors } from '../errors.ts'
import { type Definition, loadMsMax, loadPipeline } from './load-pipeline.ts'
import { sayNo } from './say-no.ts'

/**
 * Loads the pipeline where nothing but it runs: then a file that ends the process, waits for what cannot come, or throws
 * where nobody catches it is heard as well. @throws as `loadPipeline`
 */
export async function loadHere(definition: Definition, args: readonly string[]): Promise<Pipeline> {
  const { file } = definition
  const ended = (): void => {
    sayNo(errors.PIPELINE_ENDS_ITSELF({ file }), args)
    process.exitCode = exitCodes.wrongEnv
  }
  const stray = new Promise<never>((_, reject) => {
    for (const event of strayEvents) process.once(event, reject)
    // Nothing is left that could ever wake it.
    process.once('beforeExit', () => reject(errors.PIPELINE_LOADS_FOREVER({ file, seconds: loadMsMax / 1000 })))
  })
  process.once('exit', ended)
  try {
    return await loadPipeline({ file, load: () => Promise.race([definition.load(), stray]) })
  } finally {
    process.off('exit', ended)
    for (const event of [...strayEvents, 'beforeExit']) process.removeAllListeners(event)
  }
}

const strayEvents = ['uncaughtException', 'unhandledRejection'] as const
