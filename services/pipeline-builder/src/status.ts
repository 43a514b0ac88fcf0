import { readdir } from 'node:fs/promises'
import type { Marathon } from '@baton/marathon'
import type { RunOnce } from '@baton/run-once'
import type { StatusDetail } from '@baton/service-kit'
import type { StateClient } from '@baton/state-client'
import type { Worker } from '@baton/work'

export interface StatusParts {
  readonly state: StateClient
  readonly marathon: Pick<Marathon, 'ping'>
  readonly mirrorsDir: string
  readonly sweeper: Worker
  readonly resolver: Worker
  readonly runOnce: RunOnce
  readonly announced: () => boolean
}

/** What /status shows of this service. */
export function statusDetails(parts: StatusParts): StatusDetail[] {
  return [
    detail('stateController', async () => {
      await parts.state.me()
      if (!parts.announced()) throw new Error('it has not taken the meta-pipeline yet')
      return { message: 'reachable' }
    }),
    detail('marathon', async () => {
      await parts.marathon.ping()
      return { message: 'reachable' }
    }),
    detail('mirrors', async () => {
      const names = await readdir(parts.mirrorsDir)
      return { message: `${names.filter((name) => name.endsWith('.git')).length} mirrors` }
    }),
    detail('work', async () => {
      const details = { sweep: parts.sweeper.status(), resolve: parts.resolver.status(), meta: parts.runOnce.status() }
      return { message: `${details.resolve.active} commits are being resolved`, details }
    }),
  ]
}

function detail(name: string, read: () => Promise<{ message: string; details?: unknown }>): StatusDetail {
  return {
    name,
    async read() {
      try {
        return { status: 'ok', ...(await read()) }
      } catch (error) {
        return { status: 'error', message: error instanceof Error ? error.message : String(error) }
      }
    },
  }
}
