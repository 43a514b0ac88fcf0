/** What a pipeline.ts and its tests import. */
export * from './library.ts'
export type { Play } from './simulate/play.ts'
export { type Simulated, type SimulatedStep, type SimulateOptions, simulate } from './simulate/simulate.ts'
