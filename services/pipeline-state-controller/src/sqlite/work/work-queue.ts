import { reason } from '@baton/model'
import type { Work, WorkKind } from '@baton/state-client'
import { errors } from '../../errors.ts'
import type { WorkQueue } from '../../work/work-queue.ts'
import { watch } from '../attempts/watch.ts'
import { explainBuild } from '../builds/move-build.ts'
import { findBuildById } from '../read.ts'
import { toMoment, type WorkRow } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'
import { tidy } from '../tidy.ts'
import { findCandidate } from './candidates.ts'
import { applyOutcome, commandOf, readOutcome } from './outcomes.ts'
import { closeWork } from './schedule.ts'
import { payloadOf } from './work-payload.ts'

export function sqliteWorkQueue(store: Store): WorkQueue {
  const { db } = store
  return {
    async take(kinds, owner, now) {
      // A look costs no transaction: most takes find nothing and wait.
      if (!kinds.some((kind) => isAnythingDue(store, kind, now))) return undefined
      return write(store, 'take', now, (tx) => take(tx, kinds, owner))
    },
    async nextDueAt(kinds, now) {
      // What is due now and was not taken is held up by a rule; whatever frees it rings.
      const sql = 'SELECT min(available_at) AS at FROM work WHERE kind = ? AND done_at IS NULL AND available_at > ?'
      const dues = kinds.flatMap((kind) => db.find<{ at: number | null }>(sql, kind, now.getTime())?.at ?? [])
      return dues.length === 0 ? undefined : Math.min(...dues)
    },
    renew: async (id, epoch, now) => write(store, 'renew', now, (tx) => renew(tx, id, epoch)),
    async done(id, epoch, outcome, now) {
      const row = getWork(store, id)
      const read = readOutcome(row.kind, outcome)
      write(store, commandOf(row.kind), now, (tx) => done(tx, id, epoch, read))
    },
    release: async (id, epoch, afterMs, why, now) =>
      write(store, 'release', now, (tx) => release(tx, id, epoch, afterMs, why)),
    watch: async (upSince, now) => watch(store, upSince, now),
    tidy: async (now) => tidy(store, now),
  }
}

function isAnythingDue({ db }: Store, kind: WorkKind, now: Date): boolean {
  const sql = 'SELECT 1 FROM work WHERE kind = ? AND done_at IS NULL AND available_at <= ? LIMIT 1'
  return db.find(sql, kind, now.getTime()) !== undefined
}

function take(tx: Tx, kinds: readonly WorkKind[], owner: string): Work | undefined {
  for (const kind of kinds) {
    for (;;) {
      const row = findCandidate(tx, kind)
      if (row === undefined) break
      const payload = payloadOf(tx, row)
      if (payload !== undefined) return lease(tx, row, owner, payload)
      closeWork(tx, row.id)
    }
  }
  return undefined
}

function lease(tx: Tx, row: WorkRow, owner: string, payload: Work['payload']): Work {
  const epoch = row.epoch + 1
  const { leaseMs } = tx.settings
  tx.db.run(
    'UPDATE work SET owner = ?, epoch = ?, available_at = ?, again = 0 WHERE id = ?',
    ...[owner, epoch, tx.now + leaseMs, row.id],
  )
  return { id: row.id, kind: row.kind, epoch, leaseMs, payload } as Work
}

function getWork({ db }: Pick<Store, 'db'>, id: string): WorkRow {
  const row = db.find<WorkRow>('SELECT * FROM work WHERE id = ?', id)
  if (row === undefined) throw errors.WORK_UNKNOWN({ id: id.slice(0, 80) })
  return row
}

const movedOn = (id: string, epoch: number): Error => errors.WORK_MOVED_ON({ id, epoch })

/** A lease that ran out while nobody else took the work may be renewed: nothing happened in between. */
function renew(tx: Tx, id: string, epoch: number): void {
  const row = getWork(tx, id)
  if (row.epoch !== epoch || row.owner === null || row.done_at !== null) throw movedOn(id, epoch)
  tx.db.run('UPDATE work SET available_at = ? WHERE id = ?', tx.now + tx.settings.leaseMs, id)
}

function done(tx: Tx, id: string, epoch: number, outcome: ReturnType<typeof readOutcome>): void {
  const row = getWork(tx, id)
  if (row.epoch !== epoch) throw movedOn(id, epoch)
  applyOutcome(tx, row, outcome)
}

function release(tx: Tx, id: string, epoch: number, afterMs: number, why: string): void {
  const row = getWork(tx, id)
  if (row.epoch !== epoch) throw movedOn(id, epoch)
  // Given back already, or nobody wants it done any more.
  if (row.owner === null || row.done_at !== null) return
  const at = row.again === 1 ? tx.now : tx.now + afterMs
  tx.db.run('UPDATE work SET owner = NULL, available_at = ?, again = 0, why = ? WHERE id = ?', at, why, id)
  const build = row.kind.startsWith('place-') && row.build !== null ? findBuildById(tx.db, row.build) : undefined
  if (build?.status === 'placing') explainBuild(tx, build, reason('waits.marathon', { time: toMoment(tx.now) }))
  tx.ring(row.kind)
}
