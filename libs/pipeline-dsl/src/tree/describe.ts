import { findDurationMs } from './duration.ts'
import type { Pipeline } from './node.ts'
import { type PlannedStep, planOf, stepsOf } from './plan.ts'

/** What can be known of a pipeline before it runs: what Marathon has to give, and its step tree. */
export interface Description {
  name: string
  cpus: number
  memMb: number
  diskMb: number
  timeoutMs: number
  attemptsMax: number
  paths: string[]
  image?: string
  /** The bundle's file name, which tells Node what it is. Added by the process that describes itself. */
  file?: 'pipeline.cjs' | 'pipeline.mjs'
  steps: PlannedStep[]
}

const cpusDefault = 0.5
const memMbDefault = 512
const timeoutMsDefault = 3_600_000

/** Describes a pipeline without running anything of it. */
export function describe(pipeline: Pipeline): Description {
  const { options } = pipeline
  return {
    name: pipeline.name,
    cpus: options.cpus ?? cpusDefault,
    memMb: options.memMb ?? options.mem ?? memMbDefault,
    diskMb: options.diskMb ?? 0,
    timeoutMs: findDurationMs(options.timeout) ?? timeoutMsDefault,
    attemptsMax: options.attempts ?? 1,
    paths: [...(options.paths ?? [])],
    ...(options.image === undefined ? {} : { image: options.image }),
    steps: stepsOf(planOf(pipeline)),
  }
}
