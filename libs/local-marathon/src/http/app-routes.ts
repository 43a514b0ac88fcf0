import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readAppId } from '../apps/app-id.ts'
import { checkVersionStandsAlone, readGivenApp, readGivenApps, readJson } from '../apps/read-app.ts'
import { readSelector } from '../apps/selector.ts'
import { readEmbeds, showApp, showVersion, writeApps } from '../apps/show-app.ts'
import type { Api } from './api.ts'
import { type AppPath, readAppPath } from './app-path.ts'
import { appsIn, deleteTask, deleteTasks, listGroupTasks, listTasks } from './app-tasks.ts'
import { locationOf, sendDeployment } from './deployment-result.ts'
import { Query } from './query.ts'
import { refuseMissing } from './refusal.ts'
import { methodOf, restOf } from './route.ts'

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
  list: { GET: listApps, POST: createApp, PUT: updateApps(true), PATCH: updateApps(false) },
  app: { GET: getApp, PUT: updateApp(true), PATCH: updateApp(false), DELETE: removeApp },
  group: { GET: listGroup },
  groupTasks: { GET: ({ api, path }) => listGroupTasks(api, path.groupId) },
  restart: { POST: restartApp },
  tasks: {
    GET: ({ api, path }) => listTasks(api, path.appId),
    DELETE: ({ api, path, query, reply }) => deleteTasks(api, path.appId, query, reply),
  },
  task: { DELETE: ({ api, path, query, reply }) => deleteTask(api, path.appId, path.taskId, query, reply) },
  versions: { GET: listVersions },
  version: { GET: getVersion },
}

export function addAppRoutes(server: FastifyInstance, api: Api): void {
  const answer = (rest: string, request: FastifyRequest, reply: FastifyReply) => {
    const path = readAppPath(rest)
    const methods: Readonly<Record<string, (call: never) => unknown>> = handlers[path.kind]
    const handler = methodOf(request, reply, methods)
    return handler({ api, path, query: new Query(request.url), request, reply } as never)
  }
  server.all('/v2/apps', async (request, reply) => answer('', request, reply))
  server.all('/v2/apps/*', async (request, reply) => answer(restOf(request), request, reply))
}

const listEmbeds = ['counts', 'deployments'] as const
const singleEmbeds = ['counts', 'deployments', 'tasks', 'lastTaskFailure'] as const

function listApps({ api, query, reply }: Call) {
  const selector = query.find('label')
  const matches = selector === undefined ? () => true : readSelector(selector)
  const contains = (name: string, value: string | undefined) => {
    const wanted = query.find(name)?.toLowerCase()
    return wanted === undefined || (value?.toLowerCase().includes(wanted) ?? false)
  }
  const embeds = readEmbeds(query.list('embed'), listEmbeds)
  const apps = [...api.machine.apps.values()].filter(
    ({ current: { definition } }) =>
      contains('cmd', definition.cmd) && contains('id', definition.id) && matches(definition.labels),
  )
  reply.type('application/json; charset=utf-8')
  return `{"apps":${writeApps(api.machine, apps, embeds, api.readiness)}}`
}

function listGroup({ api, path, query, reply }: Call<Extract<AppPath, { kind: 'group' }>>) {
  const embeds = readEmbeds(query.list('embed'), listEmbeds)
  reply.type('application/json; charset=utf-8')
  return `{"*":${writeApps(api.machine, appsIn(api, path.groupId), embeds, api.readiness)}}`
}

function getApp({ api, path, query }: Call<Extract<AppPath, { kind: 'app' }>>) {
  const app = api.applications.get(path.appId)
  return { app: showApp(api.machine, app, readEmbeds(query.list('embed'), singleEmbeds), api.readiness) }
}

async function createApp({ api, query, request, reply }: Call) {
  const given = readGivenApp(readJson(request.body), ['id'])
  const appId = readAppId(given.id ?? '')
  const changed = await api.applications.create(appId, given, query.isTrue('force'))
  tellOfPost(api, request, appId, '/v2/apps')
  sendDeployment(reply, changed.deployment)
  if (!changed.app) throw refuseMissing(`App '${appId}'`)
  const { versionInfo: _, ...shown } = showVersion(changed.app.current)
  reply.code(201).header('location', locationOf(api.machine.settings, appId))
  const counts = { tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0 }
  return { ...shown, ...counts, deployments: [{ id: changed.deployment.id }], tasks: [] }
}

function updateApps(mayCreate: boolean) {
  return async ({ api, query, request, reply }: Call) => {
    const all = readGivenApps(readJson(request.body))
    const how = { force: query.isTrue('force'), partial: query.isTrue('partialUpdate', true), mayCreate }
    const deployment = await api.applications.updateAll(all, how)
    for (const { id = '' } of all) tellOfPost(api, request, readAppId(id), '/v2/apps')
    return sendDeployment(reply, deployment)
  }
}

function updateApp(mayCreate: boolean) {
  return async ({ api, path, query, request, reply }: Call<Extract<AppPath, { kind: 'app' }>>) => {
    const appId = readAppId(path.appId)
    const given = readGivenApp(readJson(request.body))
    const how = { force: query.isTrue('force'), partial: query.isTrue('partialUpdate', true), mayCreate }
    checkVersionStandsAlone(given)
    const changed = await api.applications.update(appId, given, how)
    if (changed.isNew) reply.code(201).header('location', locationOf(api.machine.settings, appId))
    tellOfPost(api, request, appId, `/v2/apps${path.appId}`)
    return sendDeployment(reply, changed.deployment)
  }
}

async function restartApp({ api, path, query, reply }: Call<Extract<AppPath, { kind: 'restart' }>>) {
  const changed = await api.applications.restart(path.appId, query.isTrue('force'))
  return sendDeployment(reply, changed.deployment)
}

async function removeApp({ api, path, query, reply }: Call<Extract<AppPath, { kind: 'app' }>>) {
  const changed = await api.applications.remove(path.appId, query.isTrue('force', true))
  return sendDeployment(reply, changed.deployment)
}

function listVersions({ api, path }: Call<Extract<AppPath, { kind: 'versions' }>>) {
  const { current, older } = api.applications.get(path.appId)
  return { versions: [current, ...older].map((one) => one.version) }
}

function getVersion({ api, path }: Call<Extract<AppPath, { kind: 'version' }>>) {
  const { current, older } = api.applications.get(path.appId)
  const found = [current, ...older].find((one) => one.version === path.version)
  if (!found) throw refuseMissing(`App '${path.appId}'`, path.version)
  return showVersion(found)
}

/** Creating and updating are told to listeners, deleting and restarting are not. */
function tellOfPost({ machine }: Api, request: FastifyRequest, appId: string, uri: string): void {
  const app = machine.apps.get(appId)
  if (!app) return
  machine.events.emit('api_post_event', { clientIp: request.ip, uri, appDefinition: showVersion(app.current) })
}
