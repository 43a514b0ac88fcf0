/** What a pipeline.ts imports; a bundle brings this and no more. */
export type { Assembly, BuildInfo, Publish, ShResult, StepContext } from './run/context.ts'
export type { ShCommand, ShOptions, ShTag } from './sh/command.ts'
export type { ShValue } from './sh/quote.ts'
export { sh } from './sh/sh.ts'
export { checkout, dynamic, either, group, inDir, parallel, pipeline, step, withWorkspace } from './tree/build-tree.ts'
export { type Description, describe } from './tree/describe.ts'
export type { Duration } from './tree/duration.ts'
export type {
  Checkout,
  CheckoutOptions,
  Decide,
  Dynamic,
  DynamicOptions,
  Group,
  GroupOptions,
  Node,
  NodeOptions,
  Pipeline,
  PipelineOptions,
  Step,
  StepOptions,
  When,
} from './tree/node.ts'
export type { PlannedStep } from './tree/plan.ts'
