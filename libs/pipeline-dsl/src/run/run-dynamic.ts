import { checkDecided } from '../tree/check.ts'
import type { Dynamic } from '../tree/node.ts'
import { flatten, grow, stepsOf } from '../tree/plan.ts'
import { failureOf } from './failure.ts'
import type { Outcome } from './outcome.ts'
import { runSequence } from './run-sequence.ts'
import type { Job } from './state.ts'
import { contextOf } from './step-context.ts'

/** Asks what runs here, makes it a part of the tree, which is told anew, and runs it. A bad answer is a failure. */
export async function runDynamic(job: Job): Promise<Outcome> {
  const { planned, state } = job
  const { name, decide } = planned.node as Dynamic
  try {
    const { use, env, build } = contextOf(job)
    const nodes = await decide({ use, env, build })
    checkDecided(nodes, `dynamic "${name}"`, state.outcomes.keys(), planned.id.split('.').length + 1)
    grow(planned, nodes)
  } catch (error) {
    return { status: 'failure', reason: failureOf(name, error, state.needles) }
  }
  for (const { node } of flatten(planned.children)) state.outcomes.set(node, undefined)
  state.options.recorder.plan(stepsOf(state.plan))
  return await runSequence(planned.children, job.scope, state, job)
}
