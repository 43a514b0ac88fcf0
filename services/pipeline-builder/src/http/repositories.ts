import { randomUUID } from 'node:crypto'
import { forges } from '@baton/intake'
import type { Service } from '@baton/service-kit'
import { type Repository, repeat, type StateClient } from '@baton/state-client'
import { type Registrar, type Registration, register } from '../register/register.ts'
import { type BuildWish, type Starter, startBuilds } from '../start/start-builds.ts'
import { adminStateOf, stateOf } from './caller.ts'

type Routes = Omit<Registrar & Starter, 'state'> & { readonly state: StateClient }

const slugParams = {
  type: 'object',
  properties: { slug: { type: 'string', maxLength: 100 } },
  required: ['slug'],
} as const

const registration = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    url: { type: 'string', minLength: 1, maxLength: 2048 },
    slug: { type: 'string', minLength: 1, maxLength: 100 },
    refs: { type: 'array', minItems: 1, maxItems: 50, items: { type: 'string', minLength: 1, maxLength: 255 } },
    every: { enum: ['head', 'commit'] },
  },
} as const

const buildWish = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    commit: { type: 'string', maxLength: 100 },
    ref: { type: 'string', minLength: 1, maxLength: 255 },
    pipeline: { type: 'string', maxLength: 100 },
  },
} as const

const secretTriesMax = 8
const requestIdPattern = /^[\w.:-]{8,100}$/

/** Repositories: registered here, kept by the controller, in the name of the caller. */
export function addRepositoryRoutes(service: Service, routes: Routes): void {
  service.post<{ Body: Registration }>('/repositories', { schema: { body: registration } }, async (request, reply) => {
    const state = await adminStateOf(request, routes.state)
    const repository = await register({ ...routes, state }, request.body)
    // It is registered now: an answer without the secret would leave the caller with half of it.
    return reply.code(201).send(await repeat(() => withHooks(state, repository), { triesMax: secretTriesMax }))
  })

  service.get<{ Params: { slug: string } }>(
    '/repositories/:slug',
    { schema: { params: slugParams } },
    async (request) => {
      const state = stateOf(request, routes.state)
      return await withHooks(state, await state.getRepository(request.params.slug))
    },
  )

  service.get('/repositories', async (request) => ({
    repositories: await stateOf(request, routes.state).listRepositories(),
  }))

  service.delete<{ Params: { slug: string } }>(
    '/repositories/:slug',
    { schema: { params: slugParams } },
    async (request, reply) => {
      await stateOf(request, routes.state).removeRepository(request.params.slug)
      return reply.code(204).send()
    },
  )

  service.post<{ Params: { slug: string }; Body: BuildWish | null }>(
    '/repositories/:slug/builds',
    { schema: { params: slugParams, body: buildWish } },
    async (request, reply) => {
      const state = await adminStateOf(request, routes.state)
      const requestId = readRequestId(request.headers['idempotency-key'])
      const builds = await startBuilds({ ...routes, state }, request.params.slug, request.body ?? {}, requestId)
      return reply.code(201).send({ builds })
    },
  )
}

/** A repository and what a forge has to be told of it. */
async function withHooks(state: StateClient, repository: Repository) {
  const hookSecret = await state.getHookSecret(repository.slug)
  return { ...repository, hooks: hookPaths(repository.slug), hookSecret }
}

/** Where each forge sends its hooks. The slug makes a hook of a repository with yet another URL its own. */
function hookPaths(slug: string): Record<string, string> {
  return Object.fromEntries(Object.keys(forges).map((forge) => [forge, `/hooks/${forge}?repository=${slug}`]))
}

// A caller that may repeat its request says so by a key of its own; what is not one cannot protect anybody.
function readRequestId(key: string | string[] | undefined): string {
  return typeof key === 'string' && requestIdPattern.test(key) ? key : randomUUID()
}
