import type { ServerResponse } from 'node:http'
import type { EventBus, MarathonEvent } from './bus.ts'

/** A bare newline shows a silent stream's client that the server is there. Jetty's event source servlet. */
const heartbeatMs = 10_000
/** Marathon: --event_stream_max_outstanding_messages. A client further behind is cut off; it has to read the state anew. */
const outstandingMax = 1_024

/** Streams events to one client until either side ends it. Resolves when it is over. */
export function streamEvents(response: ServerResponse, events: EventBus, types: ReadonlySet<string>): Promise<void> {
  let outstanding = 0
  const send = (text: string) => {
    outstanding += 1
    if (outstanding > outstandingMax) response.destroy()
    else response.write(text, () => (outstanding -= 1))
  }
  const stopListening = events.listen(
    (event) => {
      if (types.size === 0 || types.has(event.eventType)) send(toFrame(event))
    },
    () => response.end(),
  )
  const heartbeat = setInterval(() => send('\r\n'), heartbeatMs)
  response.socket?.setNoDelay(true)
  response.on('error', () => response.destroy())
  return new Promise((resolve) => {
    response.on('close', () => {
      clearInterval(heartbeat)
      stopListening()
      resolve()
    })
  })
}

const frames = new WeakMap<MarathonEvent, string>()

/** Many clients get the same event: it is put into words once. */
function toFrame(event: MarathonEvent): string {
  let frame = frames.get(event)
  if (frame === undefined) {
    frame = `event: ${event.eventType}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`
    frames.set(event, frame)
  }
  return frame
}
