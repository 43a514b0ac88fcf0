import { STATUS_CODES } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Settings } from '../settings.ts'
import type { Api } from './api.ts'
import { normalizeUrl } from './app-path.ts'
import { addAppRoutes } from './app-routes.ts'
import { addAuth } from './auth.ts'
import { addDeploymentRoutes } from './deployment-routes.ts'
import { addEventRoute } from './event-route.ts'
import { addFileRoutes } from './file-routes.ts'
import { addGroupRoutes } from './group-routes.ts'
import { addNegotiation } from './negotiation.ts'
import { addQueueRoutes } from './queue-routes.ts'
import { Refusal } from './refusal.ts'
import { addSystemRoutes } from './system-routes.ts'
import { addTaskRoutes } from './task-routes.ts'

/** A definition with large environments is some 100 kB. */
const bodyBytesMax = 8 * 1024 * 1024
const keepAliveMs = 72_000

const plainHeaders = {
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
  'x-frame-options': 'DENY',
  'x-xss-protection': '1; mode=block',
}

const routes = [
  addAppRoutes,
  addGroupRoutes,
  addTaskRoutes,
  addDeploymentRoutes,
  addQueueRoutes,
  addEventRoute,
  addSystemRoutes,
  addFileRoutes,
]

/** The REST API. Its routes and words are Marathon's, so it is no service of the kit. Listens to nothing. */
export function createHttp(api: Api, credentials: { user: string; password: string } | undefined): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: true,
    rewriteUrl: (request) => normalizeUrl(request.url ?? '/'),
    routerOptions: { maxParamLength: 1_000 },
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addHeaders(server, api.machine.settings)
  if (credentials) addAuth(server, credentials)
  addNegotiation(server)
  server.setErrorHandler((error, request, reply) => answerError(api, error as Error, request, reply))
  // Marathon since 1.6 says 500 here, and clients know it.
  server.setNotFoundHandler((_request, reply) => reply.code(500).send({ message: 'URI not found' }))
  for (const add of routes) add(server, api)
  return server
}

function addHeaders(server: FastifyInstance, settings: Settings): void {
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({ ...plainHeaders, 'x-marathon-leader': `http://${settings.taskHost}:${settings.port}` })
  })
}

function answerError(api: Api, error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof Refusal) return reply.code(error.status).send(error.body)
  const status = error.statusCode ?? 500
  if (status < 500) return reply.code(status).send({ message: STATUS_CODES[status] ?? error.message })
  api.machine.log.error({ err: error, method: request.method, url: request.url }, 'request failed')
  return reply.code(500).send({ message: 'Internal Server Error' })
}
