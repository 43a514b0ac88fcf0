import type { StepContext } from '../run/context.ts'
import type { ShCommand } from '../sh/command.ts'
import type { Duration } from './duration.ts'
import type { Retry } from './retry.ts'

/** What a step does: a function of its context, or a shell command as a value. */
export type StepBody<T> = ((context: StepContext) => T | Promise<T>) | ShCommand

/** Decides just before a node would run; `false` skips it. It sees what the steps before returned. */
export type When = (context: Pick<StepContext, 'use' | 'env' | 'build'>) => boolean

export interface NodeOptions {
  /** `false` skips the step, or the whole group. */
  readonly when?: When
  /** How long it may run, all its tries together; then it is `timed-out`. */
  readonly timeout?: Duration
  /** More environment, for it and everything in it. */
  readonly env?: Readonly<Record<string, string>>
}

export interface StepOptions extends NodeOptions, Retry {
  /** Where it runs, seen from the workspace, or from the folder of the group around it. */
  readonly cwd?: string
  /** Names of secrets that its commands get as environment variables. */
  readonly secrets?: readonly string[]
}

export interface CheckoutOptions extends StepOptions {
  /** How many commits of history; `'all'` fetches everything, with tags. Default: 1. */
  readonly depth?: number | 'all'
  /** Brings the commit's submodules as well, and theirs. Default: they stay empty folders. */
  readonly submodules?: boolean
}

export interface GroupOptions extends NodeOptions {
  /** Where everything in it runs, seen from the workspace, or from the folder of the group around it. */
  readonly cwd?: string
  /** `'own'`: an empty folder of its own instead of the build's workspace, gone when the group is over. */
  readonly workspace?: 'own'
  /** Steps that always run once the group was started, whatever became of it. */
  readonly finally?: readonly Step[]
}

export type DynamicOptions = NodeOptions & Pick<GroupOptions, 'cwd'>

/** The smallest thing with a status and an output. `T` is what `use(step)` gives. */
export interface Step<T = unknown> {
  readonly kind: 'step'
  readonly name: string
  readonly body: StepBody<T>
  readonly options: StepOptions
}

/** The step that brings the sources of the commit. How is up to the process that runs the pipeline. */
export interface Checkout {
  readonly kind: 'checkout'
  readonly name: string
  readonly options: CheckoutOptions
}

export const groupKinds = ['group', 'parallel', 'either'] as const
export type GroupKind = (typeof groupKinds)[number]

/** Nodes that run one after another, side by side, or until the first success. */
export interface Group {
  readonly kind: GroupKind
  readonly name: string
  readonly children: readonly Node[]
  readonly options: GroupOptions
}

/** Decides, when its turn comes, what runs in its place. It sees what the steps before returned. */
export type Decide = (context: Pick<StepContext, 'use' | 'env' | 'build'>) => readonly Node[] | Promise<readonly Node[]>

/** Nodes one after another that are known only when the build has come so far. */
export interface Dynamic {
  readonly kind: 'dynamic'
  readonly name: string
  readonly decide: Decide
  readonly options: DynamicOptions
}

export type Node = Step | Checkout | Group | Dynamic

export interface PipelineOptions {
  /** CPU shares. Default: 0.5. */
  readonly cpus?: number
  /** Memory in MB. Default: 512. */
  readonly memMb?: number
  /** The same as `memMb`. */
  readonly mem?: number
  /** Disk in MB. Default: 0, whatever there is. */
  readonly diskMb?: number
  /** How long a build may run; then it is `timed-out`. `finally` still runs. Default: 1h. */
  readonly timeout?: Duration
  /** Steps that always run at the end, after a kill and a timeout too; 5 minutes for all. */
  readonly finally?: readonly Step[]
  /** How often a build whose process was lost is started, this one included. Default: 1, never again. */
  readonly attempts?: number
  /** Paths of the repository that concern this pipeline: `src/**`. None: all of them. */
  readonly paths?: readonly string[]
  /** Environment of every step. */
  readonly env?: Readonly<Record<string, string>>
  /** A container image to run in. None: right on the agent. */
  readonly image?: string
}

/** A pipeline, checked. A value: nothing has run. */
export interface Pipeline {
  readonly kind: 'pipeline'
  readonly name: string
  readonly options: PipelineOptions
  readonly children: readonly Node[]
}
