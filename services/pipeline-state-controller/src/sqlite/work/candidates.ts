import { reason } from '@baton/model'
import type { WorkKind } from '@baton/state-client'
import { explainBuild } from '../builds/move-build.ts'
import { findBuildById, findFact } from '../read.ts'
import type { WorkRow } from '../rows.ts'
import type { Tx } from '../store.ts'
import { metaFacts } from '../versions/version-store.ts'

type Find = (tx: Tx, kind: WorkKind) => WorkRow | undefined

/** The item of this kind that is to be taken next, if one may be. */
export function findCandidate(tx: Tx, kind: WorkKind): WorkRow | undefined {
  return rules[kind](tx, kind)
}

/** `coalesce`: of items due at the same moment, the older build or entry comes first. */
const oldest = `FROM work WHERE kind = ? AND done_at IS NULL AND available_at <= ?
  ORDER BY available_at, coalesce(build, entry, 0), id LIMIT 1`

const findOldest: Find = ({ db, now }, kind) => db.find<WorkRow>(`SELECT * ${oldest}`, kind, now)

const rules: Record<WorkKind, Find> = {
  sweep: findSweep,
  resolve: findResolve,
  'place-build': findPlacing,
  'place-meta': (tx, kind) => (findFact(tx.db, metaFacts.digest) === undefined ? undefined : findPlacing(tx, kind)),
  'remove-build': findOldest,
  'remove-meta': findOldest,
  'reconcile-build': findOldest,
  'reconcile-meta': findOldest,
}

/** Only so many remotes are asked at once. */
function findSweep(tx: Tx, kind: WorkKind): WorkRow | undefined {
  const sql =
    'SELECT count(*) AS count FROM work WHERE kind = ? AND owner IS NOT NULL AND done_at IS NULL AND available_at > ?'
  const leased = tx.db.find<{ count: number }>(sql, kind, tx.now)?.count ?? 0
  return leased < tx.settings.sweepsMax ? findOldest(tx, kind) : undefined
}

/** The changes of one ref are resolved one after the other, so that builds are numbered as commits were pushed. */
function findResolve({ db, now }: Tx, kind: WorkKind): WorkRow | undefined {
  const sql = `SELECT work.* FROM work JOIN entries AS mine ON mine.id = work.entry
    WHERE kind = ? AND done_at IS NULL AND available_at <= ? AND NOT EXISTS (
      SELECT 1 FROM entries AS earlier WHERE earlier.state = 'open' AND earlier.repository = mine.repository
        AND earlier.ref = mine.ref AND earlier.id < mine.id)
    ORDER BY available_at, entry LIMIT 1`
  return db.find<WorkRow>(sql, kind, now)
}

/** Only so many apps wait for room in Marathon; the others wait in the queue. One that was handed out already goes on. */
function findPlacing(tx: Tx, kind: WorkKind): WorkRow | undefined {
  const next = findOldest(tx, kind)
  if (next === undefined || next.build === null) return next
  const { placingMax } = tx.settings
  const sql = `SELECT count(*) AS count FROM attempts WHERE lane = ? AND removed_at IS NULL AND claimed_at IS NULL
    AND ended_at IS NULL AND condemned_at IS NULL`
  const count = tx.db.find<{ count: number }>(sql, kind === 'place-meta' ? 'meta' : 'build')?.count ?? 0
  if (count < placingMax) return next
  const build = findBuildById(tx.db, next.build)
  if (build?.status === 'queued') explainBuild(tx, build, reason('waits.limit', { count, max: placingMax }))
  return findHandedOut(tx, kind)
}

function findHandedOut({ db, now }: Tx, kind: WorkKind): WorkRow | undefined {
  const sql = `SELECT work.* FROM work JOIN attempts ON attempts.build = work.build AND attempts.number = work.attempt
    WHERE kind = ? AND done_at IS NULL AND available_at <= ? ORDER BY available_at LIMIT 1`
  return db.find<WorkRow>(sql, kind, now)
}
