import type { BuildDetail, LedgerEntry } from '@baton/state-client'

/** A commit that was pushed to a registered repository, its registration's own head included. */
export interface Pushed {
  readonly repository: string
  readonly ref: string
  readonly commit: string
}

/** A build that a person asked for: it has no ledger entry. */
export type Asked = Pick<Pushed, 'repository' | 'commit'>

/** What a step wrote, outside of the platform, when it started. */
export interface WitnessLine {
  readonly pipeline: string
  readonly number: number
  readonly attempt: number
  readonly commit: string
  readonly step: string
}

/** The output of a step that prints numbered lines, of one attempt: as it is kept, and as its process left it. */
export interface Output {
  readonly pipeline: string
  readonly number: number
  readonly attempt: number
  readonly step: string
  readonly stored: string
  /** The file in the sandbox; `undefined` if the step never began there. */
  readonly written: string | undefined
  /** Lines that the step prints when nobody disturbs it. */
  readonly lines: number
}

/** Everything there is to compare after a test: what was wanted, what the platform says, and what really happened. */
export interface Facts {
  readonly pushed: readonly Pushed[]
  readonly asked: readonly Asked[]
  readonly entries: readonly LedgerEntry[]
  /** All of them, those of meta-pipelines too. */
  readonly builds: readonly BuildDetail[]
  readonly witness: readonly WitnessLine[]
  readonly outputs: readonly Output[]
  /** Attempts whose process was killed by the test, as `todo#3.1`. */
  readonly killed: ReadonlySet<string>
  /** Builds that a person ordered to stop, as `todo#3`. */
  readonly ordered: ReadonlySet<string>
}

/** The steps of the witness pipeline that leave a line and print numbered ones, in order. */
export const witnessSteps = ['first', 'second'] as const

export const attemptId = (one: { pipeline: string; number: number }, attempt: number): string =>
  `${one.pipeline}#${one.number}.${attempt}`
