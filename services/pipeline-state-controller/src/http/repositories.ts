import type { Service } from '@baton/service-kit'
import {
  Delivery,
  DeliveryAnswer,
  HookSecret,
  LedgerEntry,
  NewRepository,
  NewSecret,
  Repository,
  SecretNames,
  Slug,
} from '@baton/state-client/wire'
import { Type } from 'typebox'
import { type Caller, shownUrl } from './access.ts'
import { largeJsonBytesMax, listDefault, pageQuery, type RouteParts, slugParams, typed } from './routes.ts'

const secretParams = Type.Object({ slug: Slug, name: Type.String({ maxLength: 100 }) })

/** Repositories, their hooks, their secrets, and the ledger. */
export function addRepositoryRoutes(service: Service, { ports, now }: RouteParts): void {
  const routes = typed(service)
  const { repositories, secrets, ledger } = ports
  const shown = (caller: Caller, one: Repository): Repository => ({ ...one, url: shownUrl(caller, one.url) })

  routes.post(
    '/api/repositories',
    {
      config: { access: 'change' },
      bodyLimit: largeJsonBytesMax,
      schema: { body: NewRepository, answers: { 201: Repository } },
    },
    async (request, reply) => reply.code(201).send(await repositories.add(request.body, now())),
  )
  routes.get(
    '/api/repositories',
    { config: { access: 'read' }, schema: { answers: { 200: Type.Array(Repository) } } },
    async ({ caller }) => (await repositories.list()).map((one) => shown(caller, one)),
  )
  routes.get(
    '/api/repositories/:slug',
    { config: { access: 'read' }, schema: { params: slugParams, answers: { 200: Repository } } },
    async ({ caller, params }) => shown(caller, await repositories.get(params.slug)),
  )
  routes.delete(
    '/api/repositories/:slug',
    { config: { access: 'change' }, schema: { params: slugParams } },
    async ({ params, caller }, reply) => {
      await repositories.remove(params.slug, caller.name, now())
      return reply.code(204).send()
    },
  )
  routes.get(
    '/api/repositories/:slug/hook-secret',
    { config: { access: 'change' }, schema: { params: slugParams, answers: { 200: HookSecret } } },
    async ({ params }) => ({ secret: await repositories.hookSecret(params.slug) }),
  )
  routes.post(
    '/api/repositories/:slug/hook-secret',
    {
      config: { access: 'admin' },
      schema: {
        params: slugParams,
        answers: { 201: HookSecret },
        description: 'Makes a new one. Hooks that are signed with the one before are refused within a minute.',
      },
    },
    async ({ params }, reply) =>
      reply.code(201).send({ secret: await repositories.renewHookSecret(params.slug, now()) }),
  )
  routes.post(
    '/api/repositories/:slug/deliveries',
    { config: { access: 'service' }, schema: { params: slugParams, body: Delivery, answers: { 200: DeliveryAnswer } } },
    async ({ params, body }) => await ledger.deliver(params.slug, body, now()),
  )
  routes.post(
    '/api/repositories/:slug/look',
    { config: { access: 'change' }, schema: { params: slugParams } },
    async ({ params }) => {
      await ledger.look(params.slug, now())
      return {}
    },
  )
  routes.get(
    '/api/repositories/:slug/secrets',
    { config: { access: 'change' }, schema: { params: slugParams, answers: { 200: SecretNames } } },
    async ({ params }) => ({ names: await secrets.listNames(params.slug) }),
  )
  routes.put(
    '/api/repositories/:slug/secrets/:name',
    { config: { access: 'admin' }, schema: { params: secretParams, body: NewSecret } },
    async ({ params, body }, reply) => {
      await secrets.set(params.slug, params.name, body.value, now())
      return reply.code(204).send()
    },
  )
  routes.delete(
    '/api/repositories/:slug/secrets/:name',
    { config: { access: 'admin' }, schema: { params: secretParams } },
    async ({ params }, reply) => {
      await secrets.remove(params.slug, params.name, now())
      return reply.code(204).send()
    },
  )
  routes.get(
    '/api/ledger',
    {
      config: { access: 'read' },
      schema: {
        querystring: Type.Object({ repository: Type.Optional(Slug), ...pageQuery }),
        answers: { 200: Type.Array(LedgerEntry) },
      },
    },
    async ({ query }) => await ledger.listEntries({ ...query, limit: query.limit ?? listDefault }),
  )
}
