import type { StateEvent } from '@baton/state-client'

/** Every change, in the order of the commits. Kept for a while, so that a follower who was cut off goes on where it was. */
export interface EventLog {
  /** Events after `id`, oldest first, `limit` at most. `undefined`: what lies between is not kept any more. */
  since(id: number, limit: number): Promise<StateEvent[] | undefined>
  /** The id of the newest event; 0 if there was none. */
  newestId(): Promise<number>
}
