import { type BuildStatus, buildId, type Reason, reason, sentenceOf } from '@baton/model'
import { messageOf } from '../versions/message.ts'
import { moveBuild } from './move-build.ts'
import { findVersionRow } from './read.ts'
import { readTail } from './read-output.ts'
import type { BuildRow, VersionRow } from './rows.ts'
import { closeWork, workIds } from './schedule.ts'
import type { Tx } from './store.ts'

type End = Extract<BuildStatus, 'success' | 'failure' | 'killed' | 'timed-out' | 'lost'>

/** A build is over: nothing places it any more, its steps are over too, and a version that it did not publish is settled. */
export function endBuild(tx: Tx, build: BuildRow, status: End, why: Reason | null): void {
  moveBuild(tx, build, status, why)
  closeWork(tx, workIds.place(build.id, build.attempt + 1))
  if (build.attempt > 0) {
    closeWork(tx, workIds.place(build.id, build.attempt))
    endSteps(tx, build.id, build.attempt, why)
  }
  if (build.lane === 'meta') settleVersion(tx, build, status, why)
}

/** What an attempt left unfinished: a step that ran is lost, one that did not begin is skipped. */
export function endSteps(tx: Tx, build: number, attempt: number, why: Reason | null): void {
  const open = tx.db.list<{ id: string; status: string }>(
    "SELECT id, status FROM steps WHERE build = ? AND attempt = ? AND status IN ('queued', 'running', 'waiting')",
    build,
    attempt,
  )
  for (const { id, status } of open) {
    const end = status === 'queued' ? 'skipped' : 'lost'
    tx.db.run(
      'UPDATE steps SET status = ?, reason = coalesce(reason, ?), ended_at = ? WHERE build = ? AND attempt = ? AND id = ?',
      end,
      why && JSON.stringify(why),
      end === 'lost' ? tx.now : null,
      build,
      attempt,
      id,
    )
    tx.touchStep(build, attempt, id)
  }
}

/** A meta-build that ended without publishing leaves a broken version, or none if it was not the code's fault. */
function settleVersion(tx: Tx, meta: BuildRow, status: End, why: Reason | null): void {
  const version = meta.version_key === null ? undefined : findVersionRow(tx.db, meta.version_key)
  if (version?.status !== 'assembling') return
  if (version.meta_pipeline !== meta.pipeline || version.meta_build !== meta.number) return
  const isRefused = why?.code === 'failure.refused'
  const isOurs = status === 'lost' || status === 'killed' || isRefused
  const ours = `${buildId(meta.pipeline, meta.number)} was ${status}`
  const message = isRefused ? sentenceOf(why) : isOurs ? ours : explainFailure(tx, meta)
  if (isOurs) tx.db.run('DELETE FROM versions WHERE key = ?', version.key)
  else tx.db.run("UPDATE versions SET status = 'broken', message = ? WHERE key = ?", message, version.key)
  tx.touchVersion(version.key)
  failWaiting(tx, version, message)
}

function failWaiting(tx: Tx, version: VersionRow, message: string): void {
  const sql = "SELECT * FROM builds WHERE version_key = ? AND status = 'assembling'"
  for (const build of tx.db.list<BuildRow>(sql, version.key)) {
    endBuild(tx, build, 'failure', reason('failure.version', { message }))
  }
}

/** What the failed step printed last: the compiler's own words. */
function explainFailure(tx: Tx, meta: BuildRow): string {
  const step = tx.db.find<{ id: string; name: string }>(
    `SELECT id, name FROM steps WHERE build = ? AND attempt = ? AND status IN ('failure', 'timed-out')
     ORDER BY position DESC LIMIT 1`,
    meta.id,
    meta.attempt,
  )
  if (step === undefined) return `${buildId(meta.pipeline, meta.number)} published nothing`
  const said = messageOf(readTail(tx.db, meta.id, meta.attempt, step.id))
  return said || `the step ${step.name} of ${buildId(meta.pipeline, meta.number)} failed`
}
