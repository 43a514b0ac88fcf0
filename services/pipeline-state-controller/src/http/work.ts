import type { Service } from '@baton/service-kit'
import { Done, Nothing, Release, Renew, Take, type Work } from '@baton/state-client/wire'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { waitFor } from './long-poll.ts'
import { largeJsonBytesMax, type RouteParts, typed } from './routes.ts'

const workParams = Type.Object({ id: Type.String({ maxLength: 100 }) })

/** Work and its leases. */
export function addWorkRoutes(service: Service, parts: RouteParts): void {
  const routes = typed(service)
  const { ports, now } = parts
  const { work } = ports

  routes.post('/api/work/take', { config: { access: 'service' }, schema: { body: Take } }, async (request, reply) => {
    const taken = await takeOrWait(service, parts, request, request.body as Take)
    return taken ?? reply.code(204).send()
  })
  routes.post(
    '/api/work/:id/renew',
    { config: { access: 'service' }, schema: { params: workParams, body: Renew, answers: { 200: Nothing } } },
    async ({ params, body }) => {
      await work.renew(params.id, body.epoch, now())
      return {}
    },
  )
  routes.post(
    '/api/work/:id/done',
    {
      config: { access: 'service' },
      bodyLimit: largeJsonBytesMax,
      schema: { params: workParams, body: Done, answers: { 200: Nothing } },
    },
    async ({ params, body }) => {
      await work.done(params.id, body.epoch, body.outcome, now())
      return {}
    },
  )
  routes.post(
    '/api/work/:id/release',
    { config: { access: 'service' }, schema: { params: workParams, body: Release, answers: { 200: Nothing } } },
    async ({ params, body }) => {
      await work.release(params.id, body.epoch, body.afterMs, body.why, now())
      return {}
    },
  )
}

/** Nothing due: waits for a bell of these kinds, or until the next item is due. */
async function takeOrWait(
  service: Service,
  { ports, now }: RouteParts,
  request: FastifyRequest,
  { kinds, owner, waitMs }: Take,
): Promise<Work | undefined> {
  const untilMs = performance.now() + waitMs
  for (;;) {
    // Whoever is gone must not take work with it into the void.
    if (service.kit.stopping || request.raw.socket.destroyed) return undefined
    const taken = await ports.work.take(kinds, owner, now())
    if (taken !== undefined) return taken
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0) return undefined
    const dueAt = await ports.work.nextDueAt(kinds, now())
    const dueMs = dueAt === undefined ? leftMs : Math.max(1, dueAt - now().getTime())
    await waitFor(request, service.kit, ports.bells, kinds, Math.min(leftMs, dueMs))
  }
}
