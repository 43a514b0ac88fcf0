import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AppVersion } from '../apps/app.ts'
import { readPath } from '../apps/app-id.ts'
import { readJson } from '../apps/read-app.ts'
import { readShape } from '../apps/shape.ts'
import { readEmbeds, showApp, showVersion } from '../apps/show-app.ts'
import { parentOf, rootId } from '../groups/group.ts'
import { wishOfGroup, wishWithoutGroup } from '../groups/group-wishes.ts'
import { currentRoot, findRoot, hasGroup, listVersions, rootVersion } from '../groups/history.ts'
import { readGivenGroup } from '../groups/read-group.ts'
import { appsWithin, readGroupEmbeds, showGroup } from '../groups/show-group.ts'
import { saveGroup } from '../machine.ts'
import type { Api } from './api.ts'
import { locationOf, sendDeployment } from './deployment-result.ts'
import { type GroupPath, readGroupPath } from './group-path.ts'
import { Query } from './query.ts'
import { Refusal, refuseInvalid, refuseMissing, refuseTypes } from './refusal.ts'
import { methodOf, restOf } from './route.ts'

interface Call<P extends GroupPath = GroupPath> {
  readonly api: Api
  readonly path: P
  readonly query: Query
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}
type CallOf<K extends GroupPath['kind']> = Call<Extract<GroupPath, { kind: K }>>
type Handlers = { [K in GroupPath['kind']]: { [method: string]: (call: CallOf<K>) => unknown } }

const handlers: Handlers = {
  group: { GET: getGroup, POST: createGroup, PUT: putGroup, PATCH: patchGroup, DELETE: removeGroup },
  apps: { GET: listApps },
  versions: { GET: getVersions },
  version: { GET: getVersion },
}

export function addGroupRoutes(server: FastifyInstance, api: Api): void {
  const answer = (rest: string, request: FastifyRequest, reply: FastifyReply) => {
    // Only reading knows these words; to every change they are part of a name, as in Marathon.
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    const path: GroupPath = isReading ? readGroupPath(rest) : { kind: 'group', groupId: `/${rest}` }
    const methods: Readonly<Record<string, (call: never) => unknown>> = handlers[path.kind]
    return methodOf(request, reply, methods)({ api, path, query: new Query(request.url), request, reply } as never)
  }
  server.all('/v2/groups', async (request, reply) => answer('', request, reply))
  server.all('/v2/groups/*', async (request, reply) => answer(restOf(request), request, reply))
}

function getGroup({ api, path, query }: CallOf<'group'>) {
  const root = currentRoot(api.machine)
  if (!hasGroup(root, path.groupId)) throw refuseMissing(`Group '${path.groupId}'`)
  const embeds = readGroupEmbeds(query.list('embed'))
  return showGroup(root, path.groupId, rootVersion(api.machine), embeds, showNow(api, query))
}

/** An app as it is now, with what was asked for. */
function showNow({ machine, readiness }: Api, query: Query) {
  const embeds = readEmbeds(
    query.list('embed').filter((one) => one.startsWith('group.app')),
    [],
  )
  return (version: AppVersion) => {
    const app = machine.apps.get(version.definition.id)
    return app ? showApp(machine, app, embeds, readiness) : showVersion(version)
  }
}

function listApps({ api, path, query }: CallOf<'apps'>) {
  const root = currentRoot(api.machine)
  if (!hasGroup(root, path.groupId)) throw refuseMissing(`Group '${path.groupId}'`)
  return appsWithin(root, path.groupId).map(showNow(api, query))
}

function getVersions({ api, path }: CallOf<'versions'>) {
  const versions = listVersions(api.machine, path.groupId)
  if (versions.length === 0) throw refuseMissing(`Group '${path.groupId}'`)
  return versions
}

function getVersion({ api, path, query }: CallOf<'version'>) {
  const root = findRoot(api.machine, path.version)
  if (!root || !hasGroup(root, path.groupId)) throw refuseMissing(`Group '${path.groupId}'`, path.version)
  return showGroup(root, path.groupId, path.version, readGroupEmbeds(query.list('embed')), showVersion)
}

/** The body may name a group inside of the one that the path names. */
function readBody({ path, request }: CallOf<'group'>) {
  const given = readGivenGroup(readJson(request.body))
  const base = readPath(path.groupId, rootId, '/id')
  return { given, groupId: given.id === undefined ? base : readPath(given.id, base, '/id') }
}

async function createGroup(call: CallOf<'group'>) {
  const { machine, root } = call.api
  const { given, groupId } = readBody(call)
  const wish = () => {
    if (hasGroup(currentRoot(machine), groupId))
      throw new Refusal(409, { message: `Group ${groupId} is already created. Use PUT to change this group.` })
    if (machine.apps.has(groupId))
      throw new Refusal(409, { message: `An app with the path ${groupId} already exists.` })
    return wishOfGroup(machine, groupId, given)
  }
  const deployment = await root.update(wish, { force: call.query.isTrue('force') })
  call.reply.code(201).header('location', locationOf(machine.settings, groupId))
  return sendDeployment(call.reply, deployment)
}

async function putGroup(call: CallOf<'group'>) {
  const { machine, root } = call.api
  const { given, groupId } = readBody(call)
  const wish = () => wishOfGroup(machine, groupId, given)
  if (call.query.isTrue('dryRun')) return { steps: await root.plan(wish) }
  return sendDeployment(call.reply, await root.update(wish, { force: call.query.isTrue('force') }))
}

/** Only who may use which role, and only of a group at the top. Nothing is deployed. */
async function patchGroup({ api: { machine }, path: { groupId }, request, reply }: CallOf<'group'>) {
  const { value, complaints } = readShape(
    { kind: 'object', fields: { enforceRole: { kind: 'boolean' } } },
    readJson(request.body),
  )
  if (complaints.length > 0) throw refuseTypes(complaints)
  if (groupId === rootId || parentOf(groupId) !== rootId)
    throw refuseInvalid([{ path: '/', errors: [`${groupId} is not a top-level group`] }])
  const group = machine.groups.get(groupId)
  if (!group) throw refuseMissing(`Group '${groupId}'`)
  const { enforceRole: _, ...others } = group
  saveGroup(machine, { ...others, ...(value as { enforceRole?: boolean }) })
  await machine.store.durable()
  return reply.code(200).send()
}

async function removeGroup({ api, path, query, reply }: CallOf<'group'>) {
  const wish = () => wishWithoutGroup(api.machine, path.groupId)
  return sendDeployment(reply, await api.root.update(wish, { force: query.isTrue('force') }))
}
