import { isBatonError, isOver } from '@baton/model'
import type { AttemptName, Writer } from '../../attempts/attempt-store.ts'
import { errors } from '../../errors.ts'
import type { Database } from '../database.ts'
import { findAttemptRow, findBuildRow } from '../read.ts'
import type { AttemptRow, BuildRow } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'

export interface Named {
  readonly build: BuildRow
  readonly attempt: AttemptRow
}

/** @throws ATTEMPT_UNKNOWN */
export function getNamed(db: Database, name: AttemptName): Named {
  const build = findBuildRow(db, name.pipeline, name.number)
  const attempt = build && findAttemptRow(db, build.id, name.attempt)
  if (build === undefined || attempt === undefined) throw errors.ATTEMPT_UNKNOWN({ ...name })
  return { build, attempt }
}

/**
 * An attempt as this writer may write to it. Its process may until it is over in any way; whoever reads what a dead one
 * left may until it is removed. @throws ATTEMPT_UNKNOWN, ATTEMPT_FENCED
 */
export function getForWriting(tx: Tx, name: AttemptName, writer: Writer): Named {
  const named = getNamed(tx.db, name)
  const { build, attempt } = named
  const isOpen =
    writer === 'salvage'
      ? attempt.removed_at === null && attempt.reported_at === null
      : attempt.number === build.attempt &&
        !isOver(build.status) &&
        attempt.claimed_at !== null &&
        attempt.condemned_at === null &&
        attempt.ended_at === null &&
        attempt.reported_at === null &&
        attempt.removed_at === null
  if (!isOpen) throw errors.ATTEMPT_FENCED({ ...name })
  return named
}

/** Silence is judged in minutes: a sign of life right after another one is not worth a write. */
const seenAgainMs = 1_000

/** A sign of life of its process. */
export function noteSeen(tx: Tx, attempt: AttemptRow): void {
  if (attempt.last_seen_at !== null && tx.now - attempt.last_seen_at < seenAgainMs) return
  tx.db.run(
    'UPDATE attempts SET last_seen_at = ? WHERE build = ? AND number = ?',
    tx.now,
    attempt.build,
    attempt.number,
  )
}

/** Counts what a fence refused: the views show that it held. */
export function noteRefusal<T>(store: Store, name: AttemptName, now: Date, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (isBatonError(error, 'ATTEMPT_FENCED') || isBatonError(error, 'CLAIM_TAKEN')) countRefusal(store, name, now)
    throw error
  }
}

function countRefusal(store: Store, { pipeline, number, attempt }: AttemptName, now: Date): void {
  write(store, 'seen', now, (tx) => {
    const build = findBuildRow(tx.db, pipeline, number)
    if (build === undefined) return
    const sql = 'UPDATE attempts SET refused_writes = refused_writes + 1 WHERE build = ? AND number = ?'
    if (tx.db.run(sql, build.id, attempt) > 0) tx.touchAttempt(build.id, attempt)
  })
}
