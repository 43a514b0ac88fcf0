import { type Door, pathOf } from '../transport/door.ts'
import type { OutcomeOf, Take, Work, WorkKind } from '../wire/work.ts'

/** What identifies a take: later writes carry the epoch, and miss when somebody took the work since. */
export type Taken = Pick<Work, 'id' | 'epoch'>

/** Work and its leases. */
export interface WorkCalls {
  /** Takes due work of these kinds, waiting up to `waitMs` for some. None: `undefined`. */
  take(take: Take, signal?: AbortSignal): Promise<Work | undefined>
  /** @throws WORK_MOVED_ON when somebody else has it */
  renew(workId: string, epoch: number): Promise<void>
  /** Hands in what came of it. Repeated under the same epoch it changes nothing. @throws WORK_MOVED_ON */
  done<K extends WorkKind>(work: Taken & { kind: K }, outcome: OutcomeOf<K>): Promise<void>
  /** Gives it back, to be taken again after `afterMs`. @throws WORK_MOVED_ON */
  release(work: Taken, afterMs: number, why: string): Promise<void>
}

const whyLengthMax = 500

export function workCalls(door: Door): WorkCalls {
  return {
    take: async (take, signal) => {
      const { waitMs } = take
      return await door.json({ method: 'POST', path: '/api/work/take', json: take, waitMs, signal })
    },
    renew: (id, epoch) =>
      door.tell({ method: 'POST', path: pathOf`/api/work/${id}/renew`, json: { epoch }, repeatable: true }),
    done: ({ id, epoch }, outcome) =>
      door.tell({ method: 'POST', path: pathOf`/api/work/${id}/done`, json: { epoch, outcome }, repeatable: true }),
    release: ({ id, epoch }, afterMs, why) => {
      const json = { epoch, afterMs: Math.round(afterMs), why: why.slice(0, whyLengthMax) }
      return door.tell({ method: 'POST', path: pathOf`/api/work/${id}/release`, json, repeatable: true })
    },
  }
}
