import type { Service } from '@baton/service-kit'
import type { StateEvent } from '@baton/state-client'
import { Count } from '@baton/state-client/wire'
import { Type } from 'typebox'
import { isWanted, topicLengthMax, topicsMax } from '../events/topics.ts'
import { type Caller, shownUrl } from './access.ts'
import { type RouteParts, typed } from './routes.ts'

/** A sign of life, so that a dead connection is noticed, in ms. */
const heartbeatMs = 10_000
const pageMax = 500
/** A follower that has so many bytes unread is too slow: it is cut off, and resumes. */
const unreadBytesMax = 4 * 1024 * 1024
const topic = Type.String({ maxLength: topicLengthMax })

/** GET /api/events: changes as server-sent events, resumed after Last-Event-ID. `reset`: what lies between is not kept. */
export function addEventRoutes(service: Service, { ports }: RouteParts): void {
  typed(service).get(
    '/api/events',
    {
      config: { access: 'read' },
      schema: {
        querystring: Type.Object({
          topic: Type.Optional(Type.Union([topic, Type.Array(topic, { maxItems: topicsMax })])),
        }),
        headers: Type.Object({ 'last-event-id': Type.Optional(Count) }),
        description: 'text/event-stream of changes; topics: overview, repositories, pipeline:, build:, ledger:',
      },
    },
    async (request, reply) => {
      const wanted = [request.query.topic ?? []].flat()
      const from = request.headers['last-event-id']
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-request-id': request.id,
      })
      raw.write(': baton\n\n')
      const stream = openStream(raw, wanted, request.caller)
      // Until what was missed is sent, what happens waits, so that ids only grow.
      const waiting: StateEvent[] = []
      let push = (events: readonly StateEvent[]): void => void waiting.push(...events)
      const leave = ports.hub.listen((events) => push(events))
      const heartbeat = setInterval(() => raw.write(': \n\n'), heartbeatMs)
      const forget = service.kit.onStopping(() => raw.end())
      raw.once('close', () => {
        leave()
        forget()
        clearInterval(heartbeat)
      })
      if (from !== undefined) await sendMissed(ports, from, stream)
      stream.send(waiting)
      push = stream.send
    },
  )
}

interface Stream {
  readonly lastId: number
  readonly isOpen: boolean
  send(events: readonly StateEvent[]): void
  reset(id: number): void
}

type Raw = import('node:http').ServerResponse

function openStream(raw: Raw, wanted: readonly string[], caller: Caller): Stream {
  let lastId = 0
  return {
    get lastId() {
      return lastId
    },
    get isOpen() {
      return !raw.destroyed && !raw.writableEnded
    },
    send(events) {
      const fresh = events.filter(({ id, topics }) => id > lastId && isWanted(wanted, topics))
      lastId = Math.max(lastId, events.at(-1)?.id ?? 0)
      if (fresh.length > 0) raw.write(fresh.map((event) => frameOf(event, caller)).join(''))
      if (raw.writableLength > unreadBytesMax) raw.destroy()
    },
    reset(id) {
      lastId = id
      raw.write(`id: ${id}\nevent: reset\ndata: {}\n\n`)
    },
  }
}

async function sendMissed(ports: RouteParts['ports'], from: number, stream: Stream): Promise<void> {
  for (let after = from; stream.isOpen; ) {
    const events = await ports.events.since(after, pageMax)
    if (events === undefined) return stream.reset(await ports.events.newestId())
    stream.send(events)
    if (events.length < pageMax) return
    after = events.at(-1)?.id ?? after
  }
}

function frameOf(event: StateEvent, caller: Caller): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(shownTo(caller, event))}\n\n`
}

function shownTo(caller: Caller, event: StateEvent): StateEvent {
  const { url } = event.data as { url?: unknown }
  if (event.type !== 'repository' || typeof url !== 'string') return event
  return { ...event, data: { ...(event.data as object), url: shownUrl(caller, url) } }
}
