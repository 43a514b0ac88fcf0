/** What a process that runs pipelines imports: the engine behind the library. */

export { errors as pipelineErrors } from './errors.ts'
export * from './library.ts'
export { markerVariable } from './processes/kin.ts'
export { createNonce } from './processes/nonce.ts'
export type { CheckoutBody } from './run/context.ts'
export type { Order } from './run/outcome.ts'
export type { Recorder } from './run/recorder.ts'
export { finallyMaxMs } from './run/run-finally.ts'
export { type Run, type RunResult, startRun } from './run/start-run.ts'
export type { RunOptions } from './run/state.ts'
export { timeLimitsOf } from './tree/time-limits.ts'
