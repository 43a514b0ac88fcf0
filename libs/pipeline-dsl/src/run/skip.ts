import type { Reason } from '@baton/model'
import { flatten, type Planned } from '../tree/plan.ts'
import type { RunState } from './state.ts'

/** Records that a node, and everything in it, does not run. */
export function skipTree(planned: Planned, why: Reason | undefined, state: RunState): void {
  for (const { id, node } of flatten([planned])) {
    state.outcomes.set(node, { status: 'skipped', reason: why })
    state.options.recorder.step(id, 'skipped', { reason: why })
  }
}
