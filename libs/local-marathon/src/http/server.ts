import { STATUS_CODES } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Settings } from '../settings.ts'
import type { Api } from './api.ts'
import { normalizeUrl } from './app-path.ts'
import { addAppRoutes } from './app-routes.ts'
import { createBasicAuth } from './auth.ts'
import { addClusterRoutes } from './cluster-routes.ts'
import { addFileRoutes } from './file-routes.ts'
import { Refusal } from './refusal.ts'
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
  server.setErrorHandler((error, request, reply) => answerError(api, error as Error, request, reply))
  // Marathon since 1.6 says 500 here, and clients know it.
  server.setNotFoundHandler((_request, reply) => reply.code(500).send({ message: 'URI not found' }))
  addAppRoutes(server, api)
  addTaskRoutes(server, api)
  addClusterRoutes(server, api)
  addFileRoutes(server, api)
  return server
}

function addHeaders(server: FastifyInstance, settings: Settings): void {
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({ ...plainHeaders, 'x-marathon-leader': `http://${settings.taskHost}:${settings.port}` })
  })
}

function addAuth(server: FastifyInstance, { user, password }: { user: string; password: string }): void {
  const isRight = createBasicAuth(user, password)
  server.addHook('onRequest', async (request, reply) => {
    if (isRight(request.headers.authorization)) return
    return reply.code(401).header('www-authenticate', 'basic realm="Mesosphere"').send({ message: 'Unauthorized' })
  })
}

function answerError(api: Api, error: Error & { statusCode?: number }, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof Refusal) return reply.code(error.status).send(error.body)
  const status = error.statusCode ?? 500
  if (status < 500) return reply.code(status).send({ message: STATUS_CODES[status] ?? error.message })
  api.machine.log.error({ err: error, method: request.method, url: request.url }, 'request failed')
  return reply.code(500).send({ message: 'Internal Server Error' })
}
