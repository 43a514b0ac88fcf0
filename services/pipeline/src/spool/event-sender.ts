import { isBatonError, isOver } from '@baton/model'
import type { AttemptClient, PipelineEvent } from '@baton/state-client/attempt'
import type { Line } from '../attempt/line.ts'
import type { Journal } from './journal.ts'
import type { Outputs } from './outputs.ts'
import type { Wake } from './wake.ts'

/** Sends the journal's events in order, beside the steps. */
export interface EventSender {
  /** The number of the next event the controller wants. */
  readonly next: number
  /** Goes on from there. */
  goBackTo(next: number): void
  /** Nothing is collected any more: this is the end. */
  hurry(): void
}

/** Quick steps are not told one by one: this long after a request what happens is collected for the next one. */
const collectMs = 20

/**
 * Starts sending; ends when the line is closed. The end of a step is sent only when its output is: whoever sees a
 * step that is over finds its output whole.
 */
export function startEventSender(
  options: { journal: Journal; outputs: Outputs; client: AttemptClient; line: Line; wake: Wake },
  onProgress: () => void,
  onBroken: (error: unknown) => void,
): EventSender {
  const { journal, outputs, client, line, wake } = options
  let next = 0
  let sentAt = Number.NEGATIVE_INFINITY
  let isHurried = false
  let endCollecting = (): void => {}

  async function sendAll(): Promise<never> {
    for (;;) {
      if (next >= journal.count) await wake.wait()
      await collect()
      const events = next < journal.count ? upToUnfinished(journal.read(next), outputs) : []
      if (events.length === 0) {
        await wake.wait()
        continue
      }
      sentAt = performance.now()
      next = Math.min(await answerTo(next, events), journal.count)
      onProgress()
    }
  }

  async function collect(): Promise<void> {
    const leftMs = sentAt + collectMs - performance.now()
    if (isHurried || leftMs <= 0) return
    await new Promise<void>((resolve) => {
      endCollecting = resolve
      setTimeout(resolve, leftMs)
    })
  }

  async function answerTo(from: number, events: PipelineEvent[]): Promise<number> {
    try {
      return (await line.ask((signal) => client.events({ from, events }, signal))).next
    } catch (error) {
      if (isBatonError(error, 'EVENTS_GAP')) return Number(error.fields['want']) || 0
      throw error
    }
  }

  void sendAll().catch(onBroken)
  return {
    get next() {
      return next
    },
    goBackTo(wanted) {
      next = wanted
      wake.ring()
    },
    hurry() {
      isHurried = true
      endCollecting()
    },
  }
}

function upToUnfinished(events: PipelineEvent[], outputs: Outputs): PipelineEvent[] {
  const first = events.findIndex(
    (event) => event.type === 'step' && isOver(event.status) && !outputs.isWhole(event.step),
  )
  return first < 0 ? events : events.slice(0, first)
}
