import type { AppDefinition } from '../apps/app.ts'
import type { Instance } from '../tasks/instance.ts'

/** Who goes first when an app shrinks: what does not run yet, then by the app's `killSelection`. Marathon's ScalingProposer. */
export function inOrderOfDeath(instances: readonly Instance[], selection: AppDefinition['killSelection']): Instance[] {
  const sign = selection === 'YOUNGEST_FIRST' ? -1 : 1
  return [...instances].sort((a, b) => rank(a) - rank(b) || sign * bornAt(a).localeCompare(bornAt(b)))
}

const ranks: Readonly<Record<string, number>> = { TASK_STAGING: 1, TASK_STARTING: 2, TASK_RUNNING: 3 }

function rank(instance: Instance): number {
  return ranks[instance.task?.state ?? ''] ?? 0
}

function bornAt(instance: Instance): string {
  return instance.task?.startedAt ?? instance.task?.stagedAt ?? instance.since
}
