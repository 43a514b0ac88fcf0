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
  const counts = { tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0 }
  for (const instance of machine.instancesByApp.get(appId) ?? []) {
    const state = instance.task?.state
    const health = machine.health.stateOf(instance)
    if (state === 'TASK_STAGING' || state === 'TASK_STARTING') counts.tasksStaged += 1
    if (state === 'TASK_RUNNING') counts.tasksRunning += 1
    if (health === 'healthy') counts.tasksHealthy += 1
    if (health === 'unhealthy') counts.tasksUnhealthy += 1
  }
  return counts
}

/** An app as the API shows it. Marathon: AppInfo. */
export function showApp(machine: Machine, app: App, embeds: ReadonlySet<Embed>, readiness: Readiness) {
  return { ...showVersion(app.current), ...showEmbeds(machine, app, embeds, readiness) }
}

/** The JSON of versions that were listed: a version never changes, and lists are read every few seconds. */
const versionTexts = new WeakMap<AppVersion, string>()

/** The JSON of a list of apps. Most of it is what the last list said too. */
export function writeApps(machine: Machine, apps: readonly App[], embeds: ReadonlySet<Embed>, readiness: Readiness) {
  const texts = apps.map((app) => {
    const version = versionTexts.get(app.current) ?? JSON.stringify(showVersion(app.current))
    versionTexts.set(app.current, version)
    const embedded = JSON.stringify(showEmbeds(machine, app, embeds, readiness))
    return embedded === '{}' ? version : `${version.slice(0, -1)},${embedded.slice(1)}`
  })
  return `[${texts.join(',')}]`
}

function showEmbeds(machine: Machine, app: App, embeds: ReadonlySet<Embed>, readiness: Readiness) {
  const { id } = app.current.definition
  const tasks = () =>
    instancesOf(machine, id).flatMap((instance) => (instance.task ? [showTask(machine, instance)] : []))
  return {
    ...(embeds.has('counts') ? countTasks(machine, id) : {}),
    ...(embeds.has('deployments') ? { deployments: deploymentsOf(machine, id).map((one) => ({ id: one.id })) } : {}),
    ...(embeds.has('readiness') ? { readinessCheckResults: readiness.list(id) } : {}),
    ...(embeds.has('tasks') ? { tasks: tasks() } : {}),
    ...(embeds.has('taskStats') ? { tasksStats: countStats(machine, app) } : {}),
    ...(embeds.has('lastTaskFailure') && app.lastTaskFailure ? { lastTaskFailure: app.lastTaskFailure } : {}),
  }
}
