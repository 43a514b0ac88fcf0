import type { GitSettings } from '@baton/git'
import { crashPoint, type Log } from '@baton/service-kit'
import type { StateClient } from '@baton/state-client'
import { startWorker, type Worker } from '@baton/work'
import { lookAt } from './look.ts'

export interface SweeperOptions {
  /** With a service token. */
  readonly state: StateClient
  readonly git: GitSettings
  /** Where mirrors are kept; of this process only: see `claimFolder` of @baton/git. */
  readonly mirrorsDir: string
  readonly log: Log
  readonly owner: string
  /** Remotes asked at once; 4 unless given. */
  readonly concurrency?: number
}

const concurrencyDefault = 4
const retryAfterMs = 5_000

/** Takes `sweep` work: asks remotes for their heads and hands in what moved. When to look is the controller's to say. */
export function startSweeper(options: SweeperOptions): Worker {
  const { concurrency = concurrencyDefault, owner, state, log, ...place } = options
  return startWorker({
    kind: 'sweep',
    ...{ owner, state, log, activeMax: concurrency },
    retryMs: () => retryAfterMs,
    async handle({ payload }, signal) {
      const outcome = await lookAt(place, payload, signal)
      crashPoint('sweep.before-done')
      return outcome
    },
  })
}
