import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { forgetDelay } from '../queue/delays.ts'
import { showQueue } from '../queue/show-queue.ts'
import type { Api } from './api.ts'
import { Query } from './query.ts'
import { Refusal } from './refusal.ts'
import { addRoute, restOf } from './route.ts'

/** What waits to be launched, and how to stop it waiting. */
export function addQueueRoutes(server: FastifyInstance, api: Api): void {
  addRoute(server, '/v2/queue', {
    GET: (request) => showQueue(api.machine, new Query(request.url).list('embed').includes('lastUnusedOffers')),
  })
  addRoute(server, '/v2/queue/*', { DELETE: (request, reply) => resetDelay(api, request, reply) })
}

async function resetDelay({ machine }: Api, request: FastifyRequest, reply: FastifyReply) {
  const appId = `/${restOf(request).replace(/\/delay$/, '')}`
  const isQueued = showQueue(machine, false).queue.some((item) => item.app.id === appId)
  if (!isQueued) throw new Refusal(404, { message: `Application ${appId} not found in tasks queue.` })
  forgetDelay(machine, appId)
  machine.touch(appId)
  await machine.store.durable()
  return reply.code(204).send()
}
