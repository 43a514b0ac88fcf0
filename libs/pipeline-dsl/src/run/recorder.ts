import type { Reason, StepStatus } from '@baton/model'
import type { PlannedStep } from '../tree/plan.ts'

/** Where a run is recorded: a journal under Marathon, the terminal on a laptop, a list in tests. All calls are quick. */
export interface Recorder {
  /** The whole tree, before the first step, and again whenever it has grown. */
  plan(steps: readonly PlannedStep[]): void
  /** A step moved. `result` is what it returned: JSON, at most 64 kB, secrets masked. */
  step(id: string, status: StepStatus, more: { reason?: Reason | undefined; result?: unknown }): void
  /** The file that the output of a step is appended to. Its folder exists. */
  outputPath(id: string): string
}
