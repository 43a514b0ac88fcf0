import type { FastifyReply } from 'fastify'
import type { App } from '../apps/app.ts'
import { isWithin } from '../groups/group.ts'
import { currentRoot, hasGroup } from '../groups/history.ts'
import { instancesOf } from '../machine.ts'
import { type Instance, isActive, type Task } from '../tasks/instance.ts'
import { showTask } from '../tasks/show-task.ts'
import type { Api } from './api.ts'
import { sendDeployment } from './deployment-result.ts'
import type { Query } from './query.ts'
import { Refusal, refuseMissing } from './refusal.ts'

export type WithTask = Instance & { task: Task }

export const hasTask = (instance: Instance): instance is WithTask => instance.task !== undefined

/** Every app of a group and the groups in it. @throws 404 */
export function appsIn({ machine }: Api, groupId: string): App[] {
  if (!hasGroup(currentRoot(machine), groupId)) throw refuseMissing(`Group '${groupId}'`)
  return [...machine.apps].flatMap(([id, app]) => (isWithin(id, groupId) ? [app] : []))
}

export function listTasks(api: Api, appId: string) {
  api.applications.get(appId)
  return { tasks: tasksOf(api, appId) }
}

export function listGroupTasks(api: Api, groupId: string) {
  return { tasks: appsIn(api, groupId).flatMap((app) => tasksOf(api, app.current.definition.id)) }
}

function tasksOf({ machine }: Api, appId: string) {
  return instancesOf(machine, appId)
    .filter(hasTask)
    .map((instance) => showTask(machine, instance))
}

/** Kills all tasks of an app, or those on one host. They are launched again, unless the app shrinks with them. */
export async function deleteTasks(api: Api, appId: string, query: Query, reply: FastifyReply) {
  checkScaleOrWipe(query)
  api.applications.get(appId)
  const host = query.find('host')
  const isThere = host === undefined || host === '*' || host === api.machine.settings.taskHost
  const victims = isThere ? instancesOf(api.machine, appId).filter(hasTask) : []
  return killTasks(api, victims, query, reply, (killed) => ({ tasks: killed }))
}

export async function deleteTask(api: Api, appId: string, taskId: string, query: Query, reply: FastifyReply) {
  checkScaleOrWipe(query)
  api.applications.get(appId)
  // Marathon looks for the instance behind the id: that of an earlier launch names the present task.
  const victim = instancesOf(api.machine, appId)
    .filter(hasTask)
    .find((one) => one.task.id === taskId || one.id === taskId.replace(/\._app\.\d+$/, ''))
  if (!victim) throw refuseMissing(`Task '${taskId}'`)
  return killTasks(api, [victim], query, reply, ([killed]) => ({ task: killed }))
}

/** @throws 400 */
export function checkScaleOrWipe(query: Query): void {
  if (query.isTrue('scale') && query.isTrue('wipe'))
    throw new Refusal(400, { message: 'You cannot use scale and wipe at the same time.' })
}

/** `scale`: their apps shrink by them, as one deployment. `wipe`: instances made anew take their places. */
export async function killTasks(
  { machine, applications, runner }: Api,
  victims: readonly WithTask[],
  query: Query,
  reply: FastifyReply,
  show: (killed: ReturnType<typeof showTask>[]) => object,
) {
  if (query.isTrue('scale')) {
    const doomed = victims.filter((one) => isActive(one) && !one.task.isKilled && one.goal === 'Running')
    return sendDeployment(reply, await applications.shrink(doomed, query.isTrue('force')))
  }
  const shown = victims.map((one) => showTask(machine, one))
  for (const victim of victims) {
    if (query.isTrue('wipe')) applications.expunge(victim)
    runner.kill(victim)
  }
  await machine.store.durable()
  return show(shown)
}
