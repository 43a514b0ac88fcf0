import { instancesOf, type Machine } from '../machine.ts'
import { type Instance, isActive, isRunning, type Task } from '../tasks/instance.ts'
import type { App } from './app.ts'

type Active = Instance & { task: Task }

/** Counts and ages of an app's tasks, by what they run. Marathon: TaskStatsByVersion. A kind without tasks is left out. */
export function countStats(machine: Machine, app: App) {
  const { lastScalingAt, lastConfigChangeAt } = app.current
  const all = instancesOf(machine, app.current.definition.id).filter(isActive)
  const kinds = {
    startedAfterLastScaling: all.filter((one) => one.task.stagedAt >= lastScalingAt),
    withLatestConfig: all.filter((one) => one.configVersion === lastConfigChangeAt),
    withOutdatedConfig: all.filter((one) => one.configVersion !== lastConfigChangeAt),
    totalSummary: all,
  }
  const shown = Object.entries(kinds).filter(([, tasks]) => tasks.length > 0)
  return Object.fromEntries(shown.map(([kind, tasks]) => [kind, { stats: statsOf(machine, tasks) }]))
}

function statsOf(machine: Machine, tasks: readonly Active[]) {
  const nowMs = machine.now().getTime()
  const ages = tasks
    .flatMap(({ task }) => (task.startedAt ? [(nowMs - Date.parse(task.startedAt)) / 1_000] : []))
    .sort((a, b) => a - b)
  const health = (state: string) => tasks.filter((one) => machine.health.stateOf(one) === state).length
  const running = tasks.filter(isRunning).length
  return {
    counts: {
      staged: tasks.length - running,
      running,
      healthy: health('healthy'),
      unhealthy: health('unhealthy'),
    },
    ...(ages.length > 0 ? { lifeTime: { averageSeconds: average(ages), medianSeconds: median(ages) } } : {}),
  }
}

const average = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length

function median(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}
