import type { StepContext } from '../run/context.ts'
import type { ShCommand } from '../sh/command.ts'
import { checkPipeline } from './check.ts'
import type {
  Checkout,
  CheckoutOptions,
  Decide,
  Dynamic,
  DynamicOptions,
  Group,
  GroupKind,
  GroupOptions,
  Node,
  Pipeline,
  PipelineOptions,
  Step,
  StepOptions,
} from './node.ts'

/** A shell command as a step. Its output goes straight into the step's file; it has no value. */
export function step(name: string, command: ShCommand, options?: StepOptions): Step<undefined>
/** A function as a step. What it returns, plain JSON, is what `use(step)` gives to later steps. */
export function step<T>(name: string, body: (context: StepContext) => T | Promise<T>, options?: StepOptions): Step<T>
export function step<T>(name: string, body: Step<T>['body'], options: StepOptions = {}): Step<T> {
  return { kind: 'step', name, body, options }
}

/** Brings the commit of the build into the workspace, where all later steps run. On a laptop it does nothing. */
export function checkout(options: CheckoutOptions = {}): Checkout {
  return { kind: 'checkout', name: 'checkout', options }
}

const makeGroup =
  (kind: GroupKind) =>
  (name: string, children: readonly Node[], options: GroupOptions = {}): Group => ({ kind, name, children, options })

/** Nodes one after another, under one name. The first that is no success ends it. */
export const group = makeGroup('group')
/** Nodes one after another in a folder of the workspace, which is their group's name: `inDir('web', [step(...)])`. */
export const inDir = (dir: string, children: readonly Node[], options: Omit<GroupOptions, 'cwd'> = {}): Group =>
  group(dir, children, { ...options, cwd: dir })
/** Nodes one after another in an empty folder of their own, which is gone afterwards. */
export const withWorkspace = (name: string, children: readonly Node[], options: GroupOptions = {}): Group =>
  group(name, children, { ...options, workspace: 'own' })
/** Nodes side by side. It waits for all of them; the worst status is its own. */
export const parallel = makeGroup('parallel')
/** Nodes side by side; the first success is enough, and the others are killed. */
export const either = makeGroup('either')

/**
 * Steps that are decided at run time: `dynamic('packages', ({ use }) => use(changed).map((name) => step(name, sh`...`)))`.
 * They run one after another, unless what is given back is a `parallel` of them. None is fine as well.
 */
export const dynamic = (name: string, decide: Decide, options: DynamicOptions = {}): Dynamic => ({
  kind: 'dynamic',
  name,
  decide,
  options,
})

/**
 * A whole pipeline.
 * @throws PIPELINE_INVALID names twice, bad options, an empty list...: everything that can be seen before it runs
 */
export function pipeline(name: string, steps: readonly Node[]): Pipeline
export function pipeline(name: string, options: PipelineOptions, steps: readonly Node[]): Pipeline
export function pipeline(name: string, second: PipelineOptions | readonly Node[], third?: readonly Node[]): Pipeline {
  const isShort = Array.isArray(second)
  const options = (isShort ? {} : second) as PipelineOptions
  const children = (isShort ? second : third) as readonly Node[]
  const made: Pipeline = { kind: 'pipeline', name, options, children }
  checkPipeline(made)
  return made
}
