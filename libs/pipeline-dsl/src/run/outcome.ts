import type { Reason, StepStatus } from '@baton/model'

/** How a node ended. */
export interface Outcome {
  readonly status: Extract<StepStatus, 'success' | 'failure' | 'killed' | 'timed-out' | 'skipped'>
  readonly reason?: Reason | undefined
  /** What a step returned. */
  readonly value?: unknown
}

/** Why something has to end now. */
export interface Order {
  readonly status: 'killed' | 'timed-out' | 'failure'
  readonly reason: Reason
}

/** After a skipped node things go on as after a success. */
export const isGood = (outcome: Outcome): boolean => outcome.status === 'success' || outcome.status === 'skipped'
