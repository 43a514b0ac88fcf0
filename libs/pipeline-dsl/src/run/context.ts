import type { ShCommand, ShTag } from '../sh/command.ts'
import type { Description } from '../tree/describe.ts'
import type { CheckoutOptions, Step } from '../tree/node.ts'

/** Which build this is. On a laptop `number` and `attempt` are 0. */
export interface BuildInfo {
  readonly pipeline: string
  readonly number: number
  readonly attempt: number
  readonly commit: string
  readonly ref: string
  readonly repository: string
}

/** How a command ended. */
export interface ShResult {
  /** What it wrote to stdout. @throws SH_TEXT_TOO_LONG beyond 16 MB */
  readonly text: string
  readonly code: number
}

/** What a meta-build has to assemble. */
export interface Assembly {
  readonly key: string
  readonly pipeline: string
  readonly repository: string
  readonly entryFile: string
  readonly install: boolean
}

/** Hands in an assembled version: the bundle's file, and its description. Only meta-builds have it. */
export type Publish = (bundleFile: string, description: Description) => Promise<{ digest: string }>

/** What a step's function is given. */
export interface StepContext {
  /** Runs a command now, in the step's folder. Throws unless it ends with an allowed code. */
  readonly sh: ShTag<Promise<ShResult>>
  /** What an earlier step returned. @throws USE_UNKNOWN, USE_TOO_EARLY */
  readonly use: <T>(step: Step<T>) => T
  /** Adds a line to the step's output. */
  readonly log: (text: string) => void
  /** The environment of its commands. */
  readonly env: Readonly<Record<string, string>>
  readonly build: BuildInfo
  /** The folder its commands run in. */
  readonly cwd: string
  /** Aborted when the step has to end: killed, timed out. */
  readonly signal: AbortSignal
  /** Secrets of the repository. Asking for one that is not there throws. They are masked in all output. */
  readonly secrets: Readonly<Record<string, string>>
  readonly assembly?: Assembly
  readonly publish?: Publish
}

/** How a checkout is done: an ordinary step function, given by the process that runs the pipeline. */
export type CheckoutBody = (context: StepContext, options: CheckoutOptions) => Promise<unknown>

export type { ShCommand }
