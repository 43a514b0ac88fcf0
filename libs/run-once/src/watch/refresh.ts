import { backoffMs } from '@baton/model'
import type { Log } from '@baton/service-kit'
import { pause } from '@baton/state-client'

/** Work that is wanted now and then: never twice at once, once more when wanted meanwhile. */
export interface Refresh {
  wake(): void
  stop(): Promise<void>
}

const triesMax = 6
const pauseFirstMs = 200
const pauseMaxMs = 5_000

/** Runs `work` when woken. A failed run is tried again a few times; the regular reconciling is the net below. */
export function createRefresh(log: Log, work: (signal: AbortSignal) => Promise<void>): Refresh {
  const stopping = new AbortController()
  const { signal } = stopping
  let wanted = false
  let running: Promise<void> | undefined

  const run = async () => {
    for (let failures = 0; wanted && !signal.aborted; ) {
      wanted = false
      try {
        await work(signal)
        failures = 0
      } catch (error) {
        failures += 1
        if (signal.aborted || failures >= triesMax) {
          log.warn({ err: error }, 'what ended meanwhile is left to the next reconciling')
          return
        }
        wanted = true
        await pause(backoffMs(failures - 1, pauseFirstMs, pauseMaxMs), signal).catch(() => {})
      }
    }
  }
  const wake = () => {
    wanted = true
    running ??= run().finally(() => {
      running = undefined
      if (wanted && !signal.aborted) wake()
    })
  }
  return {
    wake,
    stop: async () => {
      stopping.abort(new Error('stopping'))
      await running
    },
  }
}
