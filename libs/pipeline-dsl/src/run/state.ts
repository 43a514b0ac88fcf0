import type { StepOutput } from '../output/step-output.ts'
import type { Node } from '../tree/node.ts'
import type { Plan, Planned } from '../tree/plan.ts'
import type { Assembly, BuildInfo, CheckoutBody, Publish } from './context.ts'
import type { Outcome } from './outcome.ts'
import type { Recorder } from './recorder.ts'
import type { Scope } from './scope.ts'
import type { World } from './world.ts'

/** What a run is given by whoever starts it. */
export interface RunOptions {
  readonly recorder: Recorder
  readonly build: BuildInfo
  /** The workspace. It exists. */
  readonly cwd: string
  /** Environment of every step, complete: nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  /** More texts to mask in output, which no step is given: a password in the repository's address. */
  readonly hidden?: readonly string[]
  /** Tells the processes of this run from any other's. Default: a fresh one. */
  readonly nonce?: string
  /** Default: the real one. */
  readonly world?: World
  /** How long the steps may take together, ms. Default: what the pipeline says. */
  readonly timeoutMs?: number
  /** Where groups get workspaces of their own. It need not exist. Default: the machine's folder for temporary files. */
  readonly workspaces?: string
  readonly checkout?: CheckoutBody
  readonly assembly?: Assembly
  readonly publish?: Publish
}

/** What a node finds around it, from the groups it is in. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/** What all nodes of one run share. */
export interface RunState {
  readonly options: RunOptions
  /** The whole tree; it grows where steps are decided at run time. */
  readonly plan: Plan
  readonly world: World
  /** Spellings of the secrets, to be masked. */
  readonly needles: readonly Buffer[]
  /** Every node of the tree, and how it ended once it has. */
  readonly outcomes: Map<Node, Outcome | undefined>
  /** Everything of any `finally` runs in here: a kill of the build does not reach it. */
  readonly finallyScope: Scope
  readonly runNode: (planned: Planned, parent: Scope, around: Surroundings) => Promise<Outcome>
}

/** One node on its way through the layers. */
export interface Job extends Surroundings {
  readonly planned: Planned
  readonly state: RunState
  readonly scope: Scope
  /** The output file, while the job is a step that runs. */
  readonly output?: StepOutput
}

export type RunJob = (job: Job) => Promise<Outcome>
/** Adds one thing around running a node. */
export type Layer = (inner: RunJob) => RunJob
