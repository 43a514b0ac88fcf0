import type { Service } from '@baton/service-kit'
import {
  Build,
  BuildDetail,
  Count,
  KillOrder,
  Lane,
  OpenAttempt,
  PipelineRow,
  StartBuilds,
} from '@baton/state-client/wire'
import { Type } from 'typebox'
import { BuildNumber, buildParams, buildQuery, listDefault, type RouteParts, slugParams, typed } from './routes.ts'

const pieceBytesDefault = 262_144
const pieceBytesMax = 8 * 1024 * 1024

/** Builds, as people and services see them. */
export function addBuildRoutes(service: Service, { ports, now }: RouteParts): void {
  const routes = typed(service)
  const { builds, attempts } = ports

  routes.get(
    '/api/pipelines',
    { config: { access: 'read' }, schema: { answers: { 200: Type.Array(PipelineRow) } } },
    async () => await builds.listPipelines(),
  )
  routes.get(
    '/api/builds',
    { config: { access: 'read' }, schema: { querystring: buildQuery, answers: { 200: Type.Array(Build) } } },
    async ({ query }) => await builds.list({ ...query, limit: query.limit ?? listDefault }),
  )
  routes.get(
    '/api/builds/:pipeline/:number',
    { config: { access: 'read' }, schema: { params: buildParams, answers: { 200: BuildDetail } } },
    async ({ params }) => await builds.get(params.pipeline, params.number),
  )
  routes.post(
    '/api/repositories/:slug/builds',
    {
      config: { access: 'change' },
      schema: { params: slugParams, body: StartBuilds, answers: { 201: Type.Array(Build) } },
    },
    async ({ params, body, caller }, reply) =>
      reply.code(201).send(await builds.start(params.slug, body, caller.name, now())),
  )
  routes.post(
    '/api/builds/:pipeline/:number/kill',
    { config: { access: 'admin' }, schema: { params: buildParams, body: KillOrder, answers: { 200: Build } } },
    async ({ params, body, caller }) =>
      await builds.kill(params.pipeline, params.number, caller.name, body.comment ?? '', now()),
  )
  routes.post(
    '/api/builds/:pipeline/:number/retrigger',
    {
      config: { access: 'admin' },
      schema: { params: buildParams, body: Type.Object({}), answers: { 201: Build } },
    },
    async ({ params, caller }, reply) =>
      reply.code(201).send(await builds.retrigger(params.pipeline, params.number, caller.name, now())),
  )
  routes.get(
    '/api/attempts',
    {
      config: { access: 'service' },
      schema: { querystring: Type.Object({ lane: Lane }), answers: { 200: Type.Array(OpenAttempt) } },
    },
    async ({ query }) => await attempts.listOpen(query.lane),
  )
  addOutputRoute(service, ports)
}

function addOutputRoute(service: Service, { outputs }: RouteParts['ports']): void {
  typed(service).get(
    '/api/builds/:pipeline/:number/output/:step',
    {
      config: { access: 'read' },
      schema: {
        params: Type.Object({ ...buildParams.properties, step: Type.String({ maxLength: 80 }) }),
        querystring: Type.Object({
          offset: Type.Optional(Count),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pieceBytesMax })),
          attempt: Type.Optional(BuildNumber),
        }),
        description:
          'Bytes of an output. x-baton-output-total: how many there are; x-baton-output-ended: no more come.',
      },
    },
    async ({ params, query }, reply) => {
      const { pipeline, number, step } = params
      const range = { offset: query.offset ?? 0, limitBytes: query.limit ?? pieceBytesDefault }
      const piece = await outputs.read({ pipeline, number, attempt: query.attempt }, step, range)
      return (
        reply
          .header('x-baton-output-total', piece.total)
          .header('x-baton-output-ended', String(piece.ended))
          // What a build printed is text to look at, whatever it looks like.
          .header('x-content-type-options', 'nosniff')
          .header('cache-control', 'no-store')
          .type('text/plain; charset=utf-8')
          .send(piece.bytes)
      )
    },
  )
}
