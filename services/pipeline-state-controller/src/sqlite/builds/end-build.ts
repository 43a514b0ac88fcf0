import { type BuildStatus, buildId, type Reason, reason, sentenceOf } from '@baton/model'
import { messageOf } from '../../versions/message.ts'
import { touchIfLeft } from '../ledger/keep-pipelines.ts'
import { readTail } from '../outputs/read-output.ts'
import { findVersionRow } from '../read.ts'
import type { BuildRow, VersionRow } from '../rows.ts'
import type { Tx } from '../store.ts'
import { closeWork, workIds } from '../work/schedule.ts'
import { moveBuild } from './move-build.ts'

type End = Extract<BuildStatus, 'success' | 'failure' | 'killed' | 'timed-out' | 'lost'>

/** A build is over: nothing places it any more, its steps are over too, and a version that it did not publish is settled. */
export function endBuild(tx: Tx, build: BuildRow, status: End, why: Reason | null): void {
  moveBuild(tx, build, status, why)
  touchIfLeft(tx, build)
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
  const { message, isOfCode } = explainEnd(tx, meta, status, why)
  if (isOfCode) tx.db.run("UPDATE versions SET status = 'broken', message = ? WHERE key = ?", message, version.key)
  else tx.db.run('DELETE FROM versions WHERE key = ?', version.key)
  tx.touchVersion(version.key)
  failWaiting(tx, version, reason(isOfCode ? 'failure.version' : 'failure.assembly', { message }))
}

function failWaiting(tx: Tx, version: VersionRow, why: Reason): void {
  const sql = "SELECT * FROM builds WHERE version_key = ? AND status = 'assembling'"
  for (const build of tx.db.list<BuildRow>(sql, version.key)) endBuild(tx, build, 'failure', why)
}

/** Why nothing was published, and whether the same code would end the same way again. */
function explainEnd(tx: Tx, meta: BuildRow, status: End, why: Reason | null): { message: string; isOfCode: boolean } {
  const name = buildId(meta.pipeline, meta.number)
  if (why?.code === 'failure.refused') return { message: sentenceOf(why), isOfCode: false }
  if (status === 'lost' || status === 'killed') return { message: `${name} was ${status}`, isOfCode: false }
  const step = tx.db.find<{ id: string; name: string }>(
    `SELECT id, name FROM steps WHERE build = ? AND attempt = ? AND status IN ('failure', 'timed-out')
     ORDER BY position DESC LIMIT 1`,
    meta.id,
    meta.attempt,
  )
  if (step === undefined) return { message: `${name} published nothing`, isOfCode: status === 'success' }
  // The compiler's own words.
  const said = messageOf(readTail(tx.db, meta.id, meta.attempt, step.id))
  const isOfCode = status === 'failure' && !reachOut.has(step.name)
  return { message: said || `the step ${step.name} of ${name} failed`, isOfCode }
}

/** Steps of the meta-pipeline that need the network: what fails there may have been the network. */
const reachOut: ReadonlySet<string> = new Set(['checkout', 'install'])
