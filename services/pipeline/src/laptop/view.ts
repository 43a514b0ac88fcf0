import type { Reason, StepStatus } from '@baton/model'
import type { PlannedStep } from '@baton/pipeline'
import type { RunResult } from '@baton/pipeline/engine'

/** What a person, or a program, gets to see of a run on this machine. */
export interface View {
  planned(steps: readonly PlannedStep[]): void
  moved(step: string, status: StepStatus, more: { reason?: Reason | undefined; result?: unknown }): void
  printed(step: string, text: string): void
  /** `kept` is the folder of the whole output, if it stays. */
  ended(result: RunResult, kept: string | undefined): void
}
