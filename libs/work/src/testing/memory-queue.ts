import { BatonError } from '@baton/model'
import type { StateClient, Work } from '@baton/state-client'

interface Item {
  readonly id: string
  epoch: number
  expiresMs: number
  dueMs: number
  outcome: unknown
  readonly releases: string[]
}

const pollMs = 5

/** For tests: the work of a controller, in memory, with real leases. */
export function createMemoryQueue(leaseMs = 30_000) {
  const items: Item[] = []
  const queue = {
    /** Every call is answered so, while set. */
    no: undefined as BatonError | undefined,
    renewals: 0,
    add(): Item {
      const item: Item = { id: `w${items.length}`, epoch: 0, expiresMs: 0, dueMs: 0, outcome: undefined, releases: [] }
      items.push(item)
      return item
    },
  }
  const held = (id: string, epoch: number): Item => {
    if (queue.no !== undefined) throw queue.no
    const item = items.find((one) => one.id === id)
    if (item?.epoch !== epoch) throw new BatonError('WORK_MOVED_ON', 'conflict', 'somebody else has it')
    return item
  }
  const state = {
    async take({ waitMs }: { waitMs: number }, signal?: AbortSignal): Promise<Work | undefined> {
      for (const untilMs = Date.now() + waitMs; Date.now() < untilMs; ) {
        signal?.throwIfAborted()
        if (queue.no !== undefined) throw queue.no
        const now = Date.now()
        const item = items.find((one) => one.outcome === undefined && one.expiresMs <= now && one.dueMs <= now)
        if (item !== undefined) {
          Object.assign(item, { epoch: item.epoch + 1, expiresMs: now + leaseMs })
          return { id: item.id, kind: 'reconcile-build', epoch: item.epoch, leaseMs, payload: {} } as Work
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs))
      }
      return undefined
    },
    async renew(id: string, epoch: number) {
      held(id, epoch).expiresMs = Date.now() + leaseMs
      queue.renewals += 1
    },
    async done({ id, epoch }: Work, outcome: unknown) {
      held(id, epoch).outcome = outcome
    },
    async release({ id, epoch }: Work, afterMs: number, why: string) {
      const item = held(id, epoch)
      Object.assign(item, { expiresMs: 0, dueMs: Date.now() + afterMs })
      item.releases.push(why)
    },
  }
  return Object.assign(queue, { client: state as unknown as StateClient })
}

export type MemoryQueue = ReturnType<typeof createMemoryQueue>
