import { type BuildStatus, isOver, mayBuildGo, type Reason } from '@baton/model'
import type { BuildRow } from '../rows.ts'
import type { Tx } from '../store.ts'

/** Moves a build along the ways of libs/model. `build` is how it was read in this transaction; it is changed too. */
export function moveBuild(tx: Tx, build: BuildRow, status: BuildStatus, reason: Reason | null): void {
  if (!mayBuildGo(build.status, status)) {
    throw new Error(`${build.pipeline}#${build.number} cannot go from ${build.status} to ${status}`)
  }
  build.status = status
  build.reason = reason === null ? null : JSON.stringify(reason)
  if (status === 'queued') build.queued_at ??= tx.now
  if (status === 'running') build.started_at ??= tx.now
  if (isOver(status)) build.ended_at = tx.now
  tx.db.run(
    'UPDATE builds SET status = ?, reason = ?, queued_at = ?, started_at = ?, ended_at = ? WHERE id = ?',
    build.status,
    build.reason,
    build.queued_at,
    build.started_at,
    build.ended_at,
    build.id,
  )
  tx.touchBuild(build.id)
}

/** Says why a build is still where it is. */
export function explainBuild(tx: Tx, build: BuildRow, reason: Reason): void {
  const json = JSON.stringify(reason)
  if (build.reason === json) return
  build.reason = json
  tx.db.run('UPDATE builds SET reason = ? WHERE id = ?', json, build.id)
  tx.touchBuild(build.id)
}
