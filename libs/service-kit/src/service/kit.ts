import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { createDetailReader, type StatusDetail, type StatusReading } from './status.ts'

/** What the kit adds to a Fastify instance, as `service.kit`. */
export interface ServiceKit {
  /** True from the moment the service was told to stop. New work must not be taken any more. */
  readonly stopping: boolean
  /** Domain metrics register here and show on /metrics. */
  readonly registry: Registry
  readonly startedAt: Date
  addStatusDetail(detail: StatusDetail): void
  /**
   * Calls `end` when the balancer has noticed and connections drain: answer a long poll, end an event stream. If that is
   * already so, calls it at once. What `end` throws is logged.
   * @returns forgets `end` again; call it when the connection closes by itself
   */
  onStopping(end: () => void): () => void
  /** Reads all status details, each within its limit. */
  readDetails(): Promise<Record<string, StatusReading>>
  /** For `serve`: health is 503 from now on. */
  markStopping(): void
  /** For `serve`: calls all that waits for the drain. */
  startDraining(): void
}

export interface KitParts {
  readonly service: FastifyInstance
  readonly registry: Registry
  readonly startedAt: Date
  readonly statusDetails: readonly StatusDetail[]
}

export function createKit({ service, registry, startedAt, statusDetails }: KitParts): ServiceKit {
  const readers = new Map<string, () => Promise<StatusReading>>()
  const ends = new Set<() => void>()
  let stopping = false
  let draining = false
  const endSafely = (end: () => void): void => {
    try {
      end()
    } catch (err) {
      service.log.error({ err }, 'a connection could not be told to end')
    }
  }
  const kit: ServiceKit = {
    get stopping() {
      return stopping
    },
    registry,
    startedAt,
    addStatusDetail: (detail) => void readers.set(detail.name, createDetailReader(detail)),
    onStopping(end) {
      if (draining) queueMicrotask(() => endSafely(end))
      else ends.add(end)
      return () => void ends.delete(end)
    },
    async readDetails() {
      const read = [...readers].map(async ([name, reader]) => [name, await reader()] as const)
      return Object.fromEntries(await Promise.all(read))
    },
    markStopping: () => {
      stopping = true
    },
    startDraining() {
      draining = true
      for (const end of ends) endSafely(end)
      ends.clear()
    },
  }
  for (const detail of statusDetails) kit.addStatusDetail(detail)
  return kit
}
