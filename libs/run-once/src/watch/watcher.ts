import { setMaxListeners } from 'node:events'
import { isTaskOver } from '@baton/marathon'
import { backoffMs } from '@baton/model'
import type { Log } from '@baton/service-kit'
import { type Ended, type Lane, pause, repeat, type StateClient } from '@baton/state-client'
import { isAppIdOfLane } from '../app/labels.ts'
import type { Marathon, SeenEvent } from '../marathon/marathon.ts'
import type { AttemptBook } from './attempt-book.ts'
import type { Changes } from './changes.ts'

export interface WatcherOptions {
  readonly installation: string
  /** Ends of another lane are its own watcher's to tell. */
  readonly lane: Lane
  readonly state: StateClient
  readonly marathon: Marathon
  readonly book: AttemptBook
  readonly changes: Changes
  readonly log: Log
  /** Whether this process deletes that app just now: its end is no news then. */
  isDeleting(appId: string): boolean
  /** Each time the stream stands. There is no replay: what happened in between has to be looked up. */
  onOpen(): void
}

export interface Watcher {
  stop(): Promise<void>
  /** Whether the event stream was opened and did not fail since, as far as is known. */
  isOpen(): boolean
}

/** Ends that are being told at once. Beyond that they are left to the reconciler, which misses none. */
const tellingMax = 500
const tellTriesMax = 5
const pauseFirstMs = 100
const pauseMaxMs = 5_000

/** Tells the controller, as soon as Marathon says it, that a task of ours has ended. */
export function startWatcher(options: WatcherOptions): Watcher {
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const telling = new Set<Promise<void>>()
  let open = false

  const onEvent = (event: SeenEvent) => {
    const { appId } = event
    if (appId === undefined || !isAppIdOfLane(options.installation, options.lane, appId)) return
    options.changes.tell(appId)
    const ended = findEnd(event)
    if (ended === undefined || options.isDeleting(appId)) return
    if (telling.size >= tellingMax) {
      options.log.warn({ appId }, 'too many ends at once, this one is left to the reconciler')
      return
    }
    const one = tellEnd(options, appId, ended, stopping.signal).finally(() => telling.delete(one))
    telling.add(one)
  }

  const listen = async () => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        await options.marathon.events({
          types: ['status_update_event', 'app_terminated_event'],
          signal: stopping.signal,
          onOpen: () => {
            open = true
            failures = 0
            options.onOpen()
          },
          onEvent,
        })
      } catch (error) {
        if (!stopping.signal.aborted) options.log.warn({ err: error }, 'the event stream of Marathon broke')
      }
      open = false
      await pause(backoffMs(failures, pauseFirstMs, pauseMaxMs), stopping.signal).catch(() => {})
    }
  }

  const listening = listen()
  return {
    isOpen: () => open,
    stop: async () => {
      stopping.abort(new Error('stopping'))
      await Promise.all([listening, ...telling])
    },
  }
}

/** What an event says about an end: of a task, or of the app with all its tasks. Nothing, if it says neither. */
function findEnd(event: SeenEvent): Ended | undefined {
  if (event.eventType === 'app_terminated_event') {
    return { taskId: null, state: 'APP_GONE', message: 'the app was deleted' }
  }
  if (event.eventType !== 'status_update_event' || event.taskId === undefined) return undefined
  if (event.taskStatus === undefined || !isTaskOver(event.taskStatus)) return undefined
  return { taskId: event.taskId, state: event.taskStatus, message: (event.message ?? '').slice(0, messageLengthMax) }
}

const messageLengthMax = 1_000

/** Never throws: an end that could not be told is found by the reconciler. */
async function tellEnd(options: WatcherOptions, appId: string, ended: Ended, signal: AbortSignal): Promise<void> {
  const { book, state, log } = options
  try {
    await repeat(
      async () => {
        const name = await book.find(appId)
        if (name !== undefined) await state.ended(name.pipeline, name.number, name.attempt, ended)
      },
      { triesMax: tellTriesMax, signal },
    )
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error, appId, state: ended.state }, 'end not told, left to the reconciler')
  }
}
