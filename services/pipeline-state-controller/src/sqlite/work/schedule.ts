import type { WorkKind } from '@baton/state-client'
import type { Tx } from '../store.ts'

/** The ids of work items: derived, so that adding one twice adds nothing. They stand in paths as they are. */
export const workIds = {
  sweep: (slug: string) => `sweep.${slug}`,
  resolve: (entry: number) => `resolve.${entry}`,
  place: (build: number, attempt: number) => `place.${build}.${attempt}`,
  remove: (build: number, attempt: number) => `remove.${build}.${attempt}`,
  reconcile: (lane: 'build' | 'meta') => `reconcile-${lane}`,
} as const

interface NewWork {
  readonly id: string
  readonly kind: WorkKind
  readonly at: number
  readonly subject?: string
  readonly build?: number
  readonly attempt?: number
  /** The ledger entry to resolve. */
  readonly entry?: number
}

/** Adds work, or makes what is there due at `at` if that is sooner. Done work becomes open again. */
export function schedule(tx: Tx, work: NewWork): void {
  // Whoever holds a lease is not disturbed: `again` makes the item due once more right after.
  tx.db.run(
    `INSERT INTO work(id, kind, subject, build, attempt, entry, available_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT(id) DO UPDATE SET
       again = owner IS NOT NULL AND done_at IS NULL,
       available_at = CASE WHEN done_at IS NOT NULL THEN excluded.available_at
         WHEN owner IS NOT NULL THEN available_at ELSE min(available_at, excluded.available_at) END,
       owner = CASE WHEN done_at IS NULL THEN owner END,
       done_at = NULL`,
    work.id,
    work.kind,
    work.subject,
    work.build,
    work.attempt,
    work.entry,
    work.at,
  )
  tx.ring(work.kind)
}

/** Nothing is left to do: nobody takes it any more, and who has it may still say done. */
export function closeWork(tx: Tx, id: string): void {
  tx.db.run('UPDATE work SET done_at = ?, owner = NULL WHERE id = ? AND done_at IS NULL', tx.now, id)
}

export function schedulePlacing(tx: Tx, build: { id: number; lane: 'build' | 'meta' }, attempt: number): void {
  const id = workIds.place(build.id, attempt)
  schedule(tx, { id, kind: `place-${build.lane}`, at: tx.now, build: build.id, attempt })
}

/** @param afterMs 0 is at once */
export function scheduleRemoval(
  tx: Tx,
  attempt: { build: number; number: number; lane: 'build' | 'meta' },
  afterMs: number,
): void {
  const { build, number } = attempt
  const id = workIds.remove(build, number)
  schedule(tx, { id, kind: `remove-${attempt.lane}`, at: tx.now + afterMs, build, attempt: number })
}

export function scheduleSweep(tx: Tx, slug: string, afterMs: number): void {
  schedule(tx, { id: workIds.sweep(slug), kind: 'sweep', at: tx.now + afterMs, subject: slug })
}

/** A pause that differs a little each time, so that a thousand repositories do not march in step. */
export function jittered(pauseMs: number): number {
  return Math.round(pauseMs * (0.9 + 0.2 * Math.random()))
}
