import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from './refusal.ts'

/** Below this the frame costs more than it saves. */
const gzipFromBytes = 256
/** Most clients are on this machine: what takes long to make small is slower than what is larger. */
const gzipLevel = constants.Z_BEST_SPEED
const json = new Set(['application/json', 'application/*', '*/*'])

/** What a client may ask of the form of an answer: JSON it must be, smaller it may be. */
export function addNegotiation(server: FastifyInstance): void {
  server.addHook('onRequest', async (request) => {
    if (request.url.startsWith('/v2/') && !request.url.startsWith('/v2/events') && !acceptsJson(request))
      throw new Refusal(406, { message: 'Not Acceptable' })
  })
  server.addHook('onSend', async (request, reply, payload) => {
    const isText = typeof payload === 'string' && payload.length >= gzipFromBytes
    if (!isText || !acceptsGzip(request) || reply.hasHeader('content-encoding')) return payload
    reply.header('content-encoding', 'gzip').header('vary', 'Accept-Encoding').removeHeader('content-length')
    return promisify(gzip)(payload, { level: gzipLevel })
  })
}

function acceptsJson({ headers: { accept } }: FastifyRequest): boolean {
  if (accept === undefined || accept.trim() === '') return true
  return accept.split(',').some((one) => json.has((one.split(';')[0] ?? '').trim().toLowerCase()))
}

function acceptsGzip({ headers }: FastifyRequest): boolean {
  const accepted = String(headers['accept-encoding'] ?? '').split(',')
  return accepted.some((one) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(one))
}
