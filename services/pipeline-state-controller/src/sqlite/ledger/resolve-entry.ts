import { type Reason, reason } from '@baton/model'
import type { CommitInfo, OutcomeOf, Resolution } from '@baton/state-client'
import { checkResolution } from '../builds/build-store.ts'
import { startBuild } from '../builds/start-build.ts'
import { type EntryRow, toMoment, type WorkRow } from '../rows.ts'
import type { Tx } from '../store.ts'
import { keepPipelines } from './keep-pipelines.ts'

/** Closes a ledger entry with what it means for each pipeline, and starts the builds. */
export function resolveEntry(tx: Tx, { entry: id }: WorkRow, outcome: OutcomeOf<'resolve'>): void {
  const entry = tx.db.find<EntryRow>("SELECT * FROM entries WHERE id = ? AND state = 'open'", id)
  if (entry === undefined) return
  const { whole, info, resolutions } = outcome
  for (const resolution of resolutions) checkResolution(entry.repository, resolution)
  const state = whole?.state ?? 'resolved'
  const why = whole === null ? null : JSON.stringify(whole.reason)
  tx.db.run('UPDATE entries SET state = ?, reason = ? WHERE id = ?', state, why, entry.id)
  if (whole === null) for (const resolution of resolutions) addFate(tx, entry, info, resolution)
  keepPipelines(tx, entry, outcome)
  tx.touchEntry(entry.id)
}

function addFate(tx: Tx, entry: EntryRow, info: CommitInfo | null, { pipeline, build, skipped }: Resolution): void {
  // Named twice it has one fate: a second build of it would be in no ledger.
  if (tx.db.find('SELECT 1 FROM fates WHERE entry = ? AND pipeline = ?', entry.id, pipeline) !== undefined) return
  const started =
    build === null
      ? undefined
      : startBuild(tx, {
          ...{ pipeline, info, entry: entry.id, again: false, assembly: build.assembly },
          repository: entry.repository,
          commit: entry.hash,
          ref: entry.ref,
          cause: causeOf(entry, info),
        })
  tx.db.run(
    'INSERT INTO fates VALUES (?, ?, ?, ?, ?)',
    entry.id,
    pipeline,
    started === undefined ? 'skipped' : 'built',
    started?.number,
    skipped && JSON.stringify(skipped),
  )
}

/** Why a build of this entry ran. */
function causeOf({ source, hash, ref, seen_at }: EntryRow, info: CommitInfo | null): Reason {
  const short = hash.slice(0, 7)
  if (source === 'registration') return reason('ran.registered', { hash: short, ref })
  if (source === 'sweep') return reason('ran.sweep', { time: toMoment(seen_at) })
  return reason('ran.push', { author: info?.author ?? 'Somebody', hash: short, ref })
}
