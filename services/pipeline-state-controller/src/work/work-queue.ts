import type { Work, WorkKind } from '@baton/state-client'

/** Work, and the right to it until it expires. The epoch counts the takes and fences the item's writes. */
export interface WorkQueue {
  /** Hands the oldest due item of these kinds to `owner`. Atomic: of many takers, one gets it. None due: `undefined`. */
  take(kinds: readonly WorkKind[], owner: string, now: Date): Promise<Work | undefined>
  /** When something of these kinds is due next, in ms since 1970; `undefined`: not before somebody adds work. */
  nextDueAt(kinds: readonly WorkKind[], now: Date): Promise<number | undefined>
  /** @throws WORK_UNKNOWN, WORK_MOVED_ON */
  renew(id: string, epoch: number, now: Date): Promise<void>
  /** Applies what came of it. Repeated under the same epoch it changes nothing. @throws WORK_UNKNOWN, WORK_MOVED_ON, OUTCOME_INVALID */
  done(id: string, epoch: number, outcome: unknown, now: Date): Promise<void>
  /** Gives it back, to be taken again after `afterMs`. @throws WORK_UNKNOWN, WORK_MOVED_ON */
  release(id: string, epoch: number, afterMs: number, why: string, now: Date): Promise<void>
  /**
   * Judges what shows no sign of life: attempts that are silent, not started in time, or that do not stop.
   * @param upSince since when this controller serves: silence counts only from then on
   */
  watch(upSince: Date, now: Date): Promise<void>
  /** Removes what only matters for a while: deliveries, requests, done work, old events. */
  tidy(now: Date): Promise<void>
}
