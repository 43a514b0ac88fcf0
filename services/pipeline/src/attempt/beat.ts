import { reason } from '@baton/model'
import type { Order as RunOrder } from '@baton/pipeline/engine'
import type { AttemptClient } from '@baton/state-client/attempt'
import { type Line, pause } from './line.ts'

const waitMs = 20_000
/** The claim was a sign of life. A short build is over by then, and is spared a request that waits for nothing. */
const firstMs = 200
/** After an order to stop there is nothing more to hear; it goes on as a sign of life. */
const afterOrderMs = 5000

/** Shows that this attempt lives, and hears the order to stop within moments. Ends when the line is closed. */
export function startBeat(client: AttemptClient, line: Line, onStop: (order: RunOrder) => void): void {
  void listen(client, line, onStop).catch(() => undefined)
}

async function listen(client: AttemptClient, line: Line, onStop: (order: RunOrder) => void): Promise<never> {
  await pause(firstMs)
  for (;;) {
    const { order, reason: why } = await line.ask((signal) => client.beat(waitMs, signal))
    if (order !== 'stop') continue
    onStop({ status: 'killed', reason: (why as RunOrder['reason'] | null) ?? unsaid })
    await pause(afterOrderMs)
  }
}

const unsaid = reason('killed.person', { who: 'Somebody', comment: 'no reason given' })
