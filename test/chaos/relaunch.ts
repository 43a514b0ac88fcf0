import { setTimeout as pause } from 'node:timers/promises'
import { appIdOfService, services } from '../../deploy/local/definitions.ts'
import type { Platform } from '../platform/platform.ts'

const lookMs = 100

interface QueueItem {
  readonly app: { readonly id: string }
  readonly delay: { readonly overdue: boolean }
}

/**
 * An operator without patience: a service that died is started again at once, instead of after a delay that grows with
 * each of its deaths. Only the services: of a run-once app it would start a second process.
 * @returns stops it
 */
export function startRelaunching(platform: Platform): () => Promise<void> {
  const stop = new AbortController()
  const ids = new Set(services.map(appIdOfService))
  const relaunching = (async () => {
    while (!stop.signal.aborted) {
      await relaunch(platform, ids).catch(() => {}) // Marathon may be dead itself right now.
      await pause(lookMs, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return async () => {
    stop.abort()
    await relaunching
  }
}

async function relaunch({ askMarathon }: Platform, ids: ReadonlySet<string>): Promise<void> {
  const { json } = await askMarathon('GET', '/v2/queue')
  const waiting = (json as { queue: QueueItem[] }).queue.filter(({ app, delay }) => ids.has(app.id) && !delay.overdue)
  for (const { app } of waiting) await askMarathon('DELETE', `/v2/queue/${app.id}/delay`)
}
