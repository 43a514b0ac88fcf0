import { instancesOf, saveInstance } from '../machine.ts'
import { type Instance, isActive } from '../tasks/instance.ts'
import { showTask } from '../tasks/show-task.ts'
import type { Api } from './api.ts'
import type { Query } from './query.ts'
import { Refusal, refuseMissing } from './refusal.ts'

type WithTask = Instance & { task: NonNullable<Instance['task']> }

function withTasks(api: Api, appId: string): WithTask[] {
  return instancesOf(api.machine, appId).filter((instance): instance is WithTask => instance.task !== undefined)
}

export function listTasks(api: Api, appId: string) {
  api.applications.get(appId)
  return { tasks: withTasks(api, appId).map((instance) => showTask(api.machine, instance)) }
}

/** Kills all tasks of an app (or those on one host). They are launched again, unless the app shrinks with them. */
export async function deleteTasks(api: Api, appId: string, query: Query) {
  api.applications.get(appId)
  const host = query.find('host')
  const victims = withTasks(api, appId).filter(
    (one) => isActive(one) && (!host || host === api.machine.settings.taskHost),
  )
  return killTasks(api, appId, victims, query, { tasks: victims.map((one) => showTask(api.machine, one)) })
}

export async function deleteTask(api: Api, appId: string, taskId: string, query: Query) {
  api.applications.get(appId)
  const victim = withTasks(api, appId).find((one) => one.task.id === taskId)
  if (!victim) throw refuseMissing(`Task '${taskId}'`)
  return killTasks(api, appId, [victim], query, { task: showTask(api.machine, victim) })
}

async function killTasks(api: Api, appId: string, victims: readonly WithTask[], query: Query, answer: object) {
  const isScaling = query.isTrue('scale')
  if (isScaling && query.isTrue('wipe'))
    throw new Refusal(400, { message: 'You cannot use scale and wipe at the same time.' })
  if (!isScaling) {
    for (const victim of victims) api.runner.kill(victim)
    await api.machine.store.durable()
    return answer
  }
  const { instances } = api.applications.get(appId).current.definition
  const smaller = { instances: Math.max(0, instances - victims.length) }
  // The victims are named first, so that shrinking the app does not choose others.
  for (const victim of victims) saveInstance(api.machine, Object.assign(victim, { goal: 'Stopped' as const }))
  const how = { force: query.isTrue('force'), partial: true, mayCreate: false }
  const { deployment } = await api.applications.update(appId, smaller, how)
  for (const victim of victims) api.runner.kill(victim)
  return { version: deployment.version, deploymentId: deployment.id }
}
