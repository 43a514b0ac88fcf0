import { reason } from '@baton/model'
import type { Step } from '../tree/node.ts'
import type { Planned } from '../tree/plan.ts'
import { isGood, type Outcome } from './outcome.ts'
import { createScope } from './scope.ts'
import type { RunState, Surroundings } from './state.ts'

/** How long the `finally` of a pipeline or a group may take, all its steps together. */
export const finallyMaxMs = 5 * 60_000

/** Runs all of them, one after another, whatever becomes of each. A kill of the build does not reach them. */
export async function runFinally(
  steps: readonly Planned<Step>[],
  state: RunState,
  around: Surroundings,
): Promise<Outcome> {
  if (steps.length === 0) return { status: 'success' }
  const scope = createScope(state.finallyScope)
  const args = { step: 'finally', seconds: finallyMaxMs / 1000 }
  const order = { status: 'timed-out', reason: reason('timed-out.step', args) } as const
  const callOff = state.world.after(finallyMaxMs, () => scope.end(order))
  let first: Outcome = { status: 'success' }
  for (const step of steps) {
    const outcome = await state.runNode(step, scope, around)
    if (isGood(first) && !isGood(outcome)) first = outcome
  }
  callOff()
  scope.close()
  return first
}
