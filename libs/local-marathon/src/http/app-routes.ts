import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readAppId } from '../apps/app-id.ts'
import type { Changed } from '../apps/applications.ts'
import { readGivenApp, readJson } from '../apps/read-app.ts'
import { readSelector } from '../apps/selector.ts'
import { readEmbeds, showApp, showVersion } from '../apps/show-app.ts'
import type { Api } from './api.ts'
import { type AppPath, readAppPath } from './app-path.ts'
import { deleteTask, deleteTasks, listTasks } from './app-tasks.ts'
import { Query } from './query.ts'
import { Refusal, refuseMissing } from './refusal.ts'

interface Call<P extends AppPath = AppPath> {
  readonly api: Api
  readonly path: P
  readonly query: Query
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

type Handler<K extends AppPath['kind']> = (call: Call<Extract<AppPath, { kind: K }>>) => unknown
type Handlers = { [K in AppPath['kind']]: { [method: string]: Handler<K> } }

/** What may be done with each thing a path can name. */
const handlers: Handlers = {
  list: { GET: listApps, POST: createApp },
  app: { GET: getApp, PUT: updateApp(true), PATCH: updateApp(false), DELETE: removeApp },
  group: { GET: listGroup },
  restart: { POST: restartApp },
  tasks: {
    GET: ({ api, path }) => listTasks(api, path.appId),
    DELETE: ({ api, path, query }) => deleteTasks(api, path.appId, query),
  },
  task: { DELETE: ({ api, path, query }) => deleteTask(api, path.appId, path.taskId, query) },
  versions: { GET: listVersions },
  version: { GET: getVersion },
}

export function addAppRoutes(server: FastifyInstance, api: Api): void {
  const answer = (rest: string, request: FastifyRequest, reply: FastifyReply) => {
    const path = readAppPath(rest)
    const handler = handlers[path.kind][request.method] as Handler<AppPath['kind']> | undefined
    if (!handler) throw new Refusal(405, { message: 'Method Not Allowed' })
    return handler({ api, path, query: new Query(request.url), request, reply } as never)
  }
  server.all('/v2/apps', async (request, reply) => answer('', request, reply))
  server.all<{ Params: { '*': string } }>('/v2/apps/*', async (request, reply) =>
    answer(request.params['*'], request, reply),
  )
}

const listEmbeds = ['counts', 'deployments'] as const
const singleEmbeds = ['counts', 'deployments', 'tasks', 'lastTaskFailure'] as const

function listApps({ api, query }: Call) {
  const selector = query.find('label')
  const matches = selector === undefined ? () => true : readSelector(selector)
  const cmd = query.find('cmd')
  const id = query.find('id')
  const embeds = readEmbeds(query.list('embed'), listEmbeds)
  const apps = [...api.machine.apps.values()].filter(({ current: { definition } }) => {
    const isCmd = cmd === undefined || definition.cmd?.includes(cmd)
    return isCmd && (id === undefined || definition.id.includes(id)) && matches(definition.labels)
  })
  return { apps: apps.map((app) => showApp(api.machine, app, embeds, api.readiness)) }
}

function listGroup({ api, path, query }: Call<Extract<AppPath, { kind: 'group' }>>) {
  const prefix = path.prefix === '/' ? '/' : `${path.prefix}/`
  const apps = [...api.machine.apps.values()].filter((app) => app.current.definition.id.startsWith(prefix))
  if (apps.length === 0) throw refuseMissing(`Group '${path.prefix}'`)
  const embeds = readEmbeds(query.list('embed'), listEmbeds)
  return { '*': apps.map((app) => showApp(api.machine, app, embeds, api.readiness)) }
}

function getApp({ api, path, query }: Call<Extract<AppPath, { kind: 'app' }>>) {
  const app = api.applications.get(path.appId)
  return { app: showApp(api.machine, app, readEmbeds(query.list('embed'), singleEmbeds), api.readiness) }
}

async function createApp(call: Call) {
  const { api, query, request, reply } = call
  const given = readGivenApp(readJson(request.body), ['id'])
  const appId = readAppId(given.id ?? '')
  const changed = await api.applications.create(appId, given, query.isTrue('force'))
  announce(call, changed, '/v2/apps')
  if (!changed.app) throw refuseMissing(`App '${appId}'`)
  const { versionInfo: _, ...shown } = showVersion(changed.app.current)
  reply.code(201).header('location', `http://${api.machine.settings.taskHost}:${api.machine.settings.port}${appId}`)
  const counts = { tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0 }
  return { ...shown, ...counts, deployments: [{ id: changed.deployment.id }], tasks: [] }
}

function updateApp(mayCreate: boolean) {
  return async (call: Call<Extract<AppPath, { kind: 'app' }>>) => {
    const { api, path, query, request, reply } = call
    const given = readGivenApp(readJson(request.body))
    const how = { force: query.isTrue('force'), partial: query.isTrue('partialUpdate', true), mayCreate }
    const changed = await api.applications.update(readAppId(path.appId), given, how)
    if (changed.isNew) reply.code(201)
    announce(call, changed, `/v2/apps${path.appId}`)
    return answerOf(call, changed)
  }
}

async function restartApp(call: Call<Extract<AppPath, { kind: 'restart' }>>) {
  return answerOf(call, await call.api.applications.restart(call.path.appId, call.query.isTrue('force')))
}

async function removeApp(call: Call<Extract<AppPath, { kind: 'app' }>>) {
  return answerOf(call, await call.api.applications.remove(call.path.appId, call.query.isTrue('force', true)))
}

function listVersions({ api, path }: Call<Extract<AppPath, { kind: 'versions' }>>) {
  const { current, older } = api.applications.get(path.appId)
  return { versions: [current, ...older].map((one) => one.version) }
}

function getVersion({ api, path }: Call<Extract<AppPath, { kind: 'version' }>>) {
  const { current, older } = api.applications.get(path.appId)
  const found = [current, ...older].find((one) => one.version === path.version)
  if (!found) throw refuseMissing(`App '${path.appId}' does not exist in version ${path.version}; it`)
  return showVersion(found)
}

function answerOf({ reply }: Call, { deployment }: Changed) {
  reply.header('marathon-deployment-id', deployment.id)
  return { version: deployment.version, deploymentId: deployment.id }
}

/** Creating and updating are told to listeners, deleting and restarting are not. */
function announce(call: Call, changed: Changed, uri: string): void {
  answerOf(call, changed)
  if (!changed.app) return
  const appDefinition = showVersion(changed.app.current)
  call.api.machine.events.emit('api_post_event', { clientIp: call.request.ip, uri, appDefinition })
}
