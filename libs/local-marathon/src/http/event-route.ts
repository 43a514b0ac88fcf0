import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { streamEvents } from '../events/stream.ts'
import type { Api } from './api.ts'
import { Query } from './query.ts'
import { Refusal } from './refusal.ts'
import { addRoute } from './route.ts'

/** The event stream. */
export function addEventRoute(server: FastifyInstance, api: Api): void {
  addRoute(server, '/v2/events', { GET: (request, reply) => stream(api, request, reply) })
}

function stream({ machine }: Api, request: FastifyRequest, reply: FastifyReply): void {
  // Jetty compares the whole header line, so a list that contains the type is refused as well.
  if (request.headers.accept !== 'text/event-stream') throw new Refusal(405, { message: 'Method Not Allowed' })
  reply.hijack()
  const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream;charset=utf-8' }
  reply.raw.writeHead(200, headers as Record<string, string>)
  reply.raw.flushHeaders()
  const over = streamEvents(reply.raw, machine.events, new Set(new Query(request.url).list('event_type')))
  const remoteAddress = request.ip
  machine.events.emit('event_stream_attached', { remoteAddress })
  void over.then(() => machine.events.emit('event_stream_detached', { remoteAddress }))
}
