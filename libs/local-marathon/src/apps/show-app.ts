import { deploymentsOf } from '../deployments/deployment.ts'
import type { Readiness } from '../health/readiness.ts'
import { instancesOf, type Machine } from '../machine.ts'
import { showTask } from '../tasks/show-task.ts'
import type { App, AppVersion } from './app.ts'
import { countStats } from './task-stats.ts'

export type Embed = 'tasks' | 'counts' | 'deployments' | 'lastTaskFailure' | 'readiness' | 'taskStats'

const embedWords: Readonly<Record<string, readonly Embed[]>> = {
  tasks: ['tasks', 'deployments'],
  counts: ['counts'],
  deployments: ['deployments'],
  readiness: ['readiness'],
  lastTaskFailure: ['lastTaskFailure'],
  failures: ['tasks', 'deployments', 'lastTaskFailure'],
  taskStats: ['taskStats'],
}

/** `embed=apps.tasks`, `app.tasks` and `tasks` mean the same; unknown words are ignored. */
export function readEmbeds(values: readonly string[], always: readonly Embed[]): Set<Embed> {
  const embeds = new Set(always)
  for (const value of values) {
    for (const embed of embedWords[value.replace(/^(?:group\.)?apps?\./, '')] ?? []) embeds.add(embed)
  }
  return embeds
}

/** The bare definition of one version. */
export function showVersion({ definition, version, lastScalingAt, lastConfigChangeAt }: AppVersion) {
  return { ...definition, version, versionInfo: { lastScalingAt, lastConfigChangeAt } }
}

export function countTasks(machine: Machine, appId: string) {
  const instances = instancesOf(machine, appId)
  const count = (state: string) => instances.filter((one) => one.task?.state === state).length
  const health = (state: string) => instances.filter((one) => machine.health.stateOf(one) === state).length
  return {
    tasksStaged: count('TASK_STAGING') + count('TASK_STARTING'),
    tasksRunning: count('TASK_RUNNING'),
    tasksHealthy: health('healthy'),
    tasksUnhealthy: health('unhealthy'),
  }
}

/** An app as the API shows it. Marathon: AppInfo. */
export function showApp(machine: Machine, app: App, embeds: ReadonlySet<Embed>, readiness: Readiness) {
  const { id } = app.current.definition
  const tasks = () =>
    instancesOf(machine, id).flatMap((instance) => (instance.task ? [showTask(machine, instance)] : []))
  return {
    ...showVersion(app.current),
    ...(embeds.has('counts') ? countTasks(machine, id) : {}),
    ...(embeds.has('deployments') ? { deployments: deploymentsOf(machine, id).map((one) => ({ id: one.id })) } : {}),
    ...(embeds.has('readiness') ? { readinessCheckResults: readiness.list(id) } : {}),
    ...(embeds.has('tasks') ? { tasks: tasks() } : {}),
    ...(embeds.has('taskStats') ? { tasksStats: countStats(machine, app) } : {}),
    ...(embeds.has('lastTaskFailure') && app.lastTaskFailure ? { lastTaskFailure: app.lastTaskFailure } : {}),
  }
}
