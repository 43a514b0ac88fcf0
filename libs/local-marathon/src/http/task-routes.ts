import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readJson } from '../apps/read-app.ts'
import { readShape } from '../apps/shape.ts'
import { showTask } from '../tasks/show-task.ts'
import type { Api } from './api.ts'
import { checkScaleOrWipe, hasTask, killTasks } from './app-tasks.ts'
import { Query } from './query.ts'
import { Refusal, refuseTypes } from './refusal.ts'
import { addRoute } from './route.ts'

const statusWords: Readonly<Record<string, string>> = { running: 'TASK_RUNNING', staging: 'TASK_STAGING' }
/** As every version of Marathon wrote them: the app's name, a dot, something unique. */
const taskId = /^[^/\s]+\.[^/\s]+$/

/** Tasks of all apps. */
export function addTaskRoutes(server: FastifyInstance, api: Api): void {
  addRoute(server, '/v2/tasks', {
    GET(request) {
      const wanted = new Query(request.url).list('status').flatMap((word) => statusWords[word.toLowerCase()] ?? [])
      const tasks = [...api.machine.instances.values()].filter(hasTask).map((one) => showTask(api.machine, one))
      return { tasks: wanted.length === 0 ? tasks : tasks.filter((task) => wanted.includes(task.state)) }
    },
  })
  addRoute(server, '/v2/tasks/delete', { POST: (request, reply) => deleteTasks(api, request, reply) })
}

/** Well-formed ids of nothing are skipped. */
async function deleteTasks(api: Api, request: FastifyRequest, reply: FastifyReply) {
  const query = new Query(request.url)
  checkScaleOrWipe(query)
  const ids = readIds(readJson(request.body))
  const victims = [...api.machine.instances.values()].filter(hasTask).filter((one) => ids.includes(one.task.id))
  return killTasks(api, victims, query, reply, (tasks) => ({ tasks }))
}

function readIds(json: unknown): readonly string[] {
  const { value, complaints } = readShape(
    { kind: 'object', fields: { ids: { kind: 'list', of: { kind: 'string' } } }, required: ['ids'] },
    json,
  )
  if (complaints.length > 0) throw refuseTypes(complaints)
  const { ids } = value as { ids: string[] }
  const malformed = ids.find((id) => !taskId.test(id))
  if (malformed !== undefined) throw new Refusal(400, { message: `Invalid task id '${malformed.slice(0, 200)}'` })
  return ids
}
