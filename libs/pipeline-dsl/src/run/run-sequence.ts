import { type Reason, reason } from '@baton/model'
import type { Planned } from '../tree/plan.ts'
import { isGood, type Outcome } from './outcome.ts'
import type { Scope } from './scope.ts'
import { skipTree } from './skip.ts'
import type { RunState, Surroundings } from './state.ts'

/** Runs nodes one after another. The first that is no success ends it; those after it are skipped. */
export async function runSequence(
  nodes: readonly Planned[],
  scope: Scope,
  state: RunState,
  around: Surroundings,
): Promise<Outcome> {
  let ended: Outcome | undefined
  let why: Reason | undefined
  for (const node of nodes) {
    if (ended === undefined && scope.order !== undefined) {
      ended = scope.order
      why = scope.order.reason
    }
    if (ended !== undefined) {
      skipTree(node, why, state)
      continue
    }
    const outcome = await state.runNode(node, scope, around)
    if (isGood(outcome)) continue
    ended = outcome
    why = scope.order?.reason ?? reason('skipped.step', { step: node.node.name })
  }
  return ended ?? { status: 'success' }
}
