import type { FastifyInstance } from 'fastify'
import { readJson } from '../apps/read-app.ts'
import { isRecord } from '../apps/shape.ts'
import { showTask } from '../tasks/show-task.ts'
import type { Api } from './api.ts'
import { Query } from './query.ts'
import { Refusal } from './refusal.ts'

const statusWords: Readonly<Record<string, string>> = { running: 'TASK_RUNNING', staging: 'TASK_STAGING' }

/** Tasks of all apps. */
export function addTaskRoutes(server: FastifyInstance, api: Api): void {
  server.get('/v2/tasks', async (request) => {
    const wanted = new Query(request.url).list('status').flatMap((word) => statusWords[word] ?? [])
    const tasks = [...api.machine.instances.values()].filter((one) => one.task).map((one) => showTask(api.machine, one))
    return { tasks: wanted.length === 0 ? tasks : tasks.filter((task) => wanted.includes(task.state)) }
  })

  server.post('/v2/tasks/delete', async (request) => {
    const query = new Query(request.url)
    if (query.isTrue('scale'))
      throw new Refusal(400, { message: 'scale is not supported here; delete the tasks of one app' })
    const body = readJson(request.body)
    const ids = isRecord(body) && Array.isArray(body['ids']) ? body['ids'] : undefined
    if (!ids?.every((id) => typeof id === 'string' && id.includes('.')))
      throw new Refusal(400, { message: 'malformed task id' })
    const victims = [...api.machine.instances.values()].filter((one) => one.task && ids.includes(one.task.id))
    for (const victim of victims) api.runner.kill(victim)
    await api.machine.store.durable()
    return { tasks: victims.map((one) => showTask(api.machine, one)) }
  })
}
