import { reason } from '@baton/model'
import { findDurationMs } from '../tree/duration.ts'
import { isLeaf } from '../tree/plan.ts'
import type { Retry } from '../tree/retry.ts'
import { failureOf, writeThrown } from './failure.ts'
import type { Order, Outcome } from './outcome.ts'
import { resultOf } from './reported-result.ts'
import { tryAgain } from './retry.ts'
import { skipTree } from './skip.ts'
import type { Job, Layer } from './state.ts'
import { contextOf } from './step-context.ts'

/** `when` says no: the node and all in it is skipped. */
export const skipUnlessWanted: Layer = (inner) => async (job) => {
  const { when } = job.planned.node.options
  if (when === undefined) return inner(job)
  try {
    const { use, env, build } = contextOf(job)
    if (when({ use, env, build })) return inner(job)
  } catch (error) {
    for (const child of [...job.planned.children, ...job.planned.finally]) skipTree(child, undefined, job.state)
    const why = failureOf(job.planned.node.name, error, job.state.needles)
    return reportStartAndEnd(async () => ({ status: 'failure', reason: why }))(job)
  }
  skipTree(job.planned, undefined, job.state)
  return { status: 'skipped' }
}

/** Everybody sees that it runs, and how it ended. */
export const reportStartAndEnd: Layer = (inner) => async (job) => {
  const { recorder } = job.state.options
  recorder.step(job.planned.id, 'running', {})
  const outcome = await inner(job)
  job.state.outcomes.set(job.planned.node, outcome)
  recorder.step(job.planned.id, outcome.status, { reason: outcome.reason, ...resultOf(outcome, job.state.needles) })
  return outcome
}

/** How long a function that ignores its end is waited for after its processes are gone. Nothing can stop it. */
const deafMs = 500

/** An order to end ends it, whatever it makes of that: processes at once, a function that does not listen after a while. */
export const killable: Layer = (inner) => async (job) => {
  const running = inner(job)
  const outcome = isLeaf(job.planned) ? await Promise.race([running, endedByOrder(job)]) : await running
  return job.scope.order === undefined ? outcome : outcomeOf(job.scope.order)
}

function endedByOrder(job: Job): Promise<Outcome> {
  return new Promise((resolve) => {
    job.scope.onEnd(async (order) => {
      await job.state.world.processes.end(job.planned.id)
      job.state.world.after(deafMs, () => resolve(outcomeOf(order)))
    })
  })
}

const outcomeOf = ({ status, reason: why }: Order): Outcome => ({ status, reason: why })

/** A time limit, over all tries. */
export const limitTime: Layer = (inner) => async (job) => {
  const limitMs = findDurationMs(job.planned.node.options.timeout)
  if (limitMs === undefined) return inner(job)
  const args = { step: job.planned.node.name, seconds: limitMs / 1000 }
  const order = { status: 'timed-out', reason: reason('timed-out.step', args) } as const
  const callOff = job.state.world.after(limitMs, () => job.scope.end(order))
  try {
    return await inner(job)
  } finally {
    callOff()
  }
}

/** A failed step is tried again; one that was ended is not. */
export const retry: Layer = (inner) => (job) =>
  tryAgain(
    job,
    job.planned.node.options as Retry,
    () => inner(job),
    async ({ status }) => {
      if (status !== 'failure') return false
      await job.state.world.processes.endLeftovers(job.planned.id)
      return true
    },
  )

/** What is thrown is a failure, and the output shows it. */
export const failOnThrow: Layer = (inner) => async (job) => {
  try {
    return await inner(job)
  } catch (error) {
    if (job.scope.order === undefined) writeThrown(job.output, error)
    return { status: 'failure', reason: failureOf(job.planned.node.name, error, job.state.needles) }
  }
}
