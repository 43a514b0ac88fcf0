import { setTimeout as pause } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { toError } from '../http/read-answer.ts'
import type { Transport } from '../http/transport.ts'
import type { MarathonEvent } from '../types.ts'

export interface EventOptions {
  /** Event types wanted; empty = all. */
  readonly types: readonly string[]
  readonly signal: AbortSignal
  /** The stream is open (again). There is no replay: whatever happened before has to be read now. */
  onOpen(): void
  onEvent(event: MarathonEvent): void
  /** The stream broke or could not be opened; it will be tried again. */
  onLost?(error: unknown): void
}

const pauseMinMs = 250
const pauseMaxMs = 10_000
/** Marathon sends a heartbeat every 10 s; three missing ones mean the connection is dead. */
const silenceMaxMs = 35_000

/** Follows the event stream until `signal` aborts; reconnects with growing, jittered pauses. Never rejects. */
export async function followEvents(transport: Transport, options: EventOptions): Promise<void> {
  let pauseMs = pauseMinMs
  while (!options.signal.aborted) {
    try {
      await followOnce(transport, options, () => {
        pauseMs = pauseMinMs
      })
    } catch (error) {
      if (!options.signal.aborted) options.onLost?.(error)
    }
    await pause(pauseMs * (0.5 + Math.random()), undefined, { signal: options.signal }).catch(() => undefined)
    pauseMs = Math.min(pauseMs * 2, pauseMaxMs)
  }
}

async function followOnce(transport: Transport, options: EventOptions, onOpened: () => void): Promise<void> {
  // Exactly this Accept line: Marathon compares the whole of it.
  const ask = {
    method: 'GET',
    path: `/v2/events?${query(options.types)}`,
    headers: { accept: 'text/event-stream' },
  } as const
  const response = await transport.open(ask, options.signal)
  if (response.statusCode !== 200) {
    response.resume()
    throw toError(transport, { status: response.statusCode ?? 0, body: Buffer.from('the event stream was refused') })
  }
  const parser = createParser({ onEvent: (message) => tell(message.data, options) })
  response.setEncoding('utf8')
  response.setTimeout(silenceMaxMs, () => response.destroy(new Error(`no heartbeat for ${silenceMaxMs} ms`)))
  onOpened()
  options.onOpen()
  for await (const chunk of response) parser.feed(chunk as string)
}

function query(types: readonly string[]): string {
  // 1.6 and 1.7 send whole plans unless asked not to.
  return [...types.map((type) => `event_type=${encodeURIComponent(type)}`), 'plan-format=light'].join('&')
}

function tell(data: string, options: EventOptions): void {
  let event: MarathonEvent
  try {
    event = JSON.parse(data) as MarathonEvent
  } catch {
    // Not an event of Marathon; the next one will be.
    return
  }
  options.onEvent(event)
}
