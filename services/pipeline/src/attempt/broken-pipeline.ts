import { type Pipeline, pipeline, step } from '@baton/pipeline'

/** The file could not be loaded: a build with one step, which fails with just that error and shows it. */
export function brokenPipeline(file: string, error: unknown): Pipeline {
  const load = (): never => {
    throw error
  }
  return pipeline('broken', [step(`load ${file}`, load)])
}
