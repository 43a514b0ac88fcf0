import type { Duration } from '../tree/duration.ts'

/** What a step or a command does in a simulation. Whatever is left out: it succeeds, at once, and says nothing. */
export interface Play {
  /** Its exit code. */
  readonly code?: number
  /** What it prints. */
  readonly text?: string
  /** How long it takes, on the virtual clock. */
  readonly takes?: Duration
  /** What the step returns. */
  readonly returns?: unknown
  /** What the step throws. */
  readonly throws?: Error | string
}
