import type { Claim, ClaimAnswer, Ended, EventBatch, Lane, OpenAttempt, Order, Result } from '@baton/state-client'

/** One attempt of a build. It fences every write of the build. */
export interface AttemptName {
  readonly pipeline: string
  readonly number: number
  readonly attempt: number
}

/** Who writes: the process that claimed, or a service that read what a dead one left behind. */
export type Writer = 'process' | 'salvage'

/**
 * What attempts may write. Everything may be repeated: what is stored already changes nothing. An attempt that is over,
 * condemned or overtaken is ATTEMPT_FENCED; its salvage may write until it is removed.
 */
export interface AttemptStore {
  /**
   * Burns the ticket for one nonce; only the same nonce may repeat it.
   * @throws TICKET_UNKNOWN, CLAIM_TAKEN, CLAIM_TOO_EARLY, PROTOCOL_UNSERVED, ATTEMPT_FENCED, BUILD_KILLED
   */
  claim(claim: Claim, now: Date): Promise<ClaimAnswer>
  /** Whose token this is. */
  findByToken(token: string): Promise<AttemptName | undefined>
  /** Appends events. Known numbers are passed over. @returns the next number wanted @throws EVENTS_GAP, STEP_INVALID */
  addEvents(name: AttemptName, batch: EventBatch, writer: Writer, now: Date): Promise<number>
  /** A sign of life. @returns what the process has to do now @throws ATTEMPT_FENCED */
  see(name: AttemptName, now: Date): Promise<Order>
  /** Ends the build, once all that the result names is stored. @throws RESULT_INCOMPLETE, ATTEMPT_FENCED */
  report(name: AttemptName, result: Result, now: Date): Promise<void>
  /** Marathon's word that a task, or the whole app, ended. Another task's end is passed over. @throws ATTEMPT_UNKNOWN */
  end(name: AttemptName, ended: Ended, now: Date): Promise<void>
  /** Those whose app may still exist. */
  listOpen(lane: Lane): Promise<OpenAttempt[]>
}
