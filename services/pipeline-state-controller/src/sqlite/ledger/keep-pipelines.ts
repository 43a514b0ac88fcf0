import { metaPipelineOf } from '@baton/model'
import type { OutcomeOf } from '@baton/state-client'
import { getRepositoryRow } from '../read.ts'
import type { EntryRow } from '../rows.ts'
import type { Tx } from '../store.ts'
import { findHead } from './entries.ts'

/**
 * Keeps which pipelines the head of the default branch has: one that it had and has no longer leaves the overview. What
 * only other branches have is nobody's loss, and a commit that tells nothing ([skip ci]) changes nothing.
 */
export function keepPipelines(tx: Tx, entry: EntryRow, { whole, resolutions }: OutcomeOf<'resolve'>): void {
  const { db } = tx
  const { repository, ref, hash } = entry
  const tells = whole === null || whole.reason.code === 'skipped.none'
  if (!tells || getRepositoryRow(db, repository).default_ref !== ref) return
  // A late hook tells of a commit that the head has left behind.
  if (findHead(tx, repository, ref)?.head !== hash) return
  const there = JSON.stringify(resolutions.flatMap(({ pipeline }) => [pipeline, metaPipelineOf(pipeline)]))
  const among = '(SELECT value FROM json_each(?))'
  db.run(`UPDATE pipelines SET on_default = 1 WHERE repository = ? AND pipeline IN ${among}`, repository, there)
  const left = db.run(
    `UPDATE pipelines SET on_default = 0 WHERE repository = ? AND on_default = 1 AND pipeline NOT IN ${among}`,
    repository,
    there,
  )
  if (left > 0) tx.touchRepository(repository)
}

/** One of its builds is over: if its pipeline has left the default branch, whoever looks at the overview looks again. */
export function touchIfLeft(tx: Tx, { pipeline, repository }: { pipeline: string; repository: string }): void {
  const sql = 'SELECT 1 FROM pipelines WHERE pipeline = ? AND on_default = 0'
  if (tx.db.find(sql, pipeline) !== undefined) tx.touchRepository(repository)
}
