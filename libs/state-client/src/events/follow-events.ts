import type { IncomingMessage } from 'node:http'
import { backoffMs } from '@baton/model'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { readNo } from '../transport/door.ts'
import { isUnavailable, pause } from '../transport/repeat.ts'
import { type Transport, unreachable } from '../transport/transport.ts'
import type { StateEvent } from '../wire/event.ts'

export interface FollowOptions {
  readonly topics: readonly string[]
  /** Goes on after this event; without it, with what happens from now on. */
  readonly lastId?: number
  readonly signal: AbortSignal
  onEvent(event: StateEvent): void
  /** Each time the stream stands, the first time included. */
  onOpen?(): void
  /** The controller no longer has what lies between: read the state anew. */
  onReset?(): void
  /** The stream broke and is opened again after a pause. */
  onBreak?(error: unknown): void
}

/** The controller is heard every 10 s; three missed heartbeats are a dead connection, in ms. */
const silenceMaxMs = 30_000
const pauseFirstMs = 100
const pauseMaxMs = 5_000
const refusalBytesMax = 65_536

/** Follows until the signal aborts. @throws a refusal that waiting does not change, such as TOKEN_UNKNOWN */
export async function followEvents(
  transport: Transport,
  token: string | undefined,
  options: FollowOptions,
): Promise<void> {
  const place = { lastId: options.lastId, failures: 0 }
  while (!options.signal.aborted) {
    try {
      await followOnce(transport, token, options, place)
    } catch (error) {
      if (options.signal.aborted) return
      if (!isUnavailable(error)) throw error
      options.onBreak?.(error)
    }
    const waitMs = backoffMs(place.failures, pauseFirstMs, pauseMaxMs) * (0.5 + Math.random() / 2)
    place.failures += 1
    await pause(waitMs, options.signal).catch(() => {})
  }
}

interface Place {
  lastId: number | undefined
  failures: number
}

async function followOnce(
  transport: Transport,
  token: string | undefined,
  options: FollowOptions,
  place: Place,
): Promise<void> {
  const query = options.topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join('&')
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (place.lastId !== undefined) headers['last-event-id'] = String(place.lastId)
  const path = `/api/events${query === '' ? '' : `?${query}`}`
  const answer = await transport.open({ method: 'GET', path, token, headers, repeatable: true, signal: options.signal })
  if (answer.statusCode !== 200) {
    throw readNo(transport.url, answer.statusCode ?? 0, await readRefusal(answer))
  }
  options.onOpen?.()
  const parser = createParser({ onEvent: (message) => take(message, options, place) })
  for await (const text of readText(transport.url, answer)) parser.feed(text)
}

function take(message: EventSourceMessage, options: FollowOptions, place: Place): void {
  place.failures = 0
  const id = Number(message.id)
  if (message.id !== undefined && Number.isSafeInteger(id)) place.lastId = id
  if (message.event === 'reset') {
    options.onReset?.()
    return
  }
  const event = findEvent(message.data)
  if (event !== undefined) options.onEvent(event)
}

function findEvent(data: string): StateEvent | undefined {
  try {
    return JSON.parse(data) as StateEvent
  } catch {
    return undefined
  }
}

/** The stream's text as it comes. What a reader of events throws passes by here; only a broken stream is unreachable. */
async function* readText(url: string, answer: IncomingMessage): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const watch = setTimeout(() => answer.destroy(new Error(`silent for ${silenceMaxMs} ms`)), silenceMaxMs)
  const chunks = (answer as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await chunks.next().catch((error) => Promise.reject(unreachable(url, error)))
      if (done) return
      watch.refresh()
      yield decoder.decode(value, { stream: true })
    }
  } finally {
    clearTimeout(watch)
    answer.destroy()
  }
}

async function readRefusal(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > refusalBytesMax) break
  }
  return Buffer.concat(chunks)
}
