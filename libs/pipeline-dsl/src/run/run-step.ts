import { errors } from '../errors.ts'
import type { StepOutput } from '../output/step-output.ts'
import type { ShPlace } from '../sh/run-command.ts'
import { inStep } from '../sh/sh.ts'
import type { Checkout, Step } from '../tree/node.ts'
import type { StepContext } from './context.ts'
import { failureOf } from './failure.ts'
import { checkJson } from './result-json.ts'
import { runCommand } from './run-command.ts'
import type { Job, Layer, RunJob } from './state.ts'
import { contextOf, guarded } from './step-context.ts'

/** The step's output file is open while it runs, and nothing it started outlives it. */
export const withOutput: Layer = (inner) => async (job) => {
  const { id, node } = job.planned
  const broken = (error: unknown): void =>
    job.scope.end({ status: 'failure', reason: failureOf(node.name, error, job.state.needles) })
  let output: StepOutput | undefined
  try {
    output = job.state.world.openOutput(job.state.options.recorder.outputPath(id), job.state.needles, broken)
    return await inner({ ...job, output })
  } catch (error) {
    return { status: 'failure', reason: failureOf(node.name, error, job.state.needles) }
  } finally {
    await job.state.world.processes.endLeftovers(id)
    output?.close()
  }
}

/** Does what the step is for. Its value is checked here, so that it fails where it was returned. */
export const executeStep: RunJob = async (job) => {
  const node = job.planned.node as Step | Checkout
  const place = placeOf(job)
  try {
    return { status: 'success', value: await job.state.world.perform(job.planned, () => resultOf(node, job, place)) }
  } finally {
    place.close()
  }
}

async function resultOf(node: Step | Checkout, job: Job, place: ShPlace): Promise<unknown> {
  if (node.kind === 'step' && typeof node.body === 'object') {
    const command = node.body
    await runCommand(job, command, () => job.state.world.runWhole(place, command, job.state.needles.length > 0))
    return undefined
  }
  const context = contextOf(job, place)
  const value = await inStep(node.name, () => bodyOf(node, job)(context))
  if (node.kind === 'checkout') return undefined
  checkJson(value)
  return value
}

function bodyOf(node: Step | Checkout, job: Job): (context: StepContext) => unknown {
  if (node.kind === 'step') return node.body as (context: StepContext) => unknown
  const { checkout } = job.state.options
  if (checkout === undefined) return ({ cwd, log }) => log(`nothing to check out: this is a run in ${cwd} as it is`)
  return (context) => checkout(context, node.options)
}

function placeOf(job: Job): ShPlace & { close(): void } {
  const { output, planned, scope, state } = job
  if (output === undefined) throw new Error('a step is executed without its output') // A layer is missing: a bug.
  let isOver = false
  return {
    stepId: planned.id,
    cwd: job.cwd,
    env: { ...job.env, ...secretsOf(job) },
    processes: state.world.processes,
    output,
    checkOpen() {
      if (isOver || scope.order !== undefined) throw errors.STEP_OVER({ step: planned.node.name })
    },
    close() {
      isOver = true
    },
  }
}

function secretsOf(job: Job): Record<string, string> {
  const { options } = job.planned.node
  const names = ('secrets' in options ? options.secrets : undefined) ?? []
  const secrets = guarded(job.state.options.secrets ?? {})
  return Object.fromEntries(names.map((name) => [name, secrets[name] as string]))
}
