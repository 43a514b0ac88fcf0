import { backoffMs } from '@baton/model'
import { crashPoint, type Log } from '@baton/service-kit'
import { isUnavailable, pause, type StateClient } from '@baton/state-client'
import type { Toolchain } from './toolchain.ts'

const firstMs = 50
const maxMs = 5_000
const refusedMs = 30_000

export interface Announcement {
  /** Whether the controller has the meta-pipeline of this release. */
  readonly announced: () => boolean
  stop(): Promise<void>
}

/** Hands the meta-pipeline's bundle to the controller, again until it is there: meta-builds wait for it, this service does not. */
export function announceMetaPipeline(state: StateClient, toolchain: Toolchain, log: Log): Announcement {
  const stopping = new AbortController()
  let announced = false
  const ended = announce().catch(() => {})
  async function announce(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted && !announced; failures += 1) {
      try {
        const { bundle, description } = await toolchain.readMetaPipeline()
        crashPoint('announce.before-put')
        const { digest } = await state.withSignal(stopping.signal).putMetaPipeline(bundle, description)
        announced = true
        log.info({ digest, toolchain: toolchain.digest }, 'meta-pipeline announced')
      } catch (err) {
        if (stopping.signal.aborted) return
        const isAway = isUnavailable(err)
        if (failures === 0 || !isAway) log[isAway ? 'warn' : 'error']({ err }, 'meta-pipeline not announced yet')
        await pause(isAway ? backoffMs(failures, firstMs, maxMs) : refusedMs, stopping.signal)
      }
    }
  }
  return {
    announced: () => announced,
    stop: async () => {
      stopping.abort()
      await ended
    },
  }
}
