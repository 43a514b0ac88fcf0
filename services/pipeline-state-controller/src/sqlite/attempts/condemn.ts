import { afterDeath, type BuildStatus, isOver, type Reason, reason } from '@baton/model'
import type { Description } from '@baton/state-client'
import { orderBell } from '../../work/bells.ts'
import { endBuild, endSteps } from '../builds/end-build.ts'
import { explainBuild } from '../builds/move-build.ts'
import { queueBuild } from '../builds/start-build.ts'
import { findBuildById, findFact, findVersionRow } from '../read.ts'
import { type AttemptRow, type BuildRow, parse } from '../rows.ts'
import type { Tx } from '../store.ts'
import { metaFacts } from '../versions/version-store.ts'
import { closeWork, scheduleRemoval, workIds } from '../work/schedule.ts'

/** Why an attempt is dead, and how its build ends if that is decided already. */
interface Death {
  readonly reason: Reason
  readonly status?: 'timed-out'
}

/**
 * An attempt may not write any more, and its app has to go. What becomes of its build is decided once the app is seen
 * to be gone: until then something of it could still be at work.
 */
export function condemn(tx: Tx, build: BuildRow, attempt: AttemptRow, death: Death): void {
  attempt.condemned_at ??= tx.now
  attempt.death ??= JSON.stringify(death)
  const sql = 'UPDATE attempts SET condemned_at = ?, death = ? WHERE build = ? AND number = ?'
  tx.db.run(sql, attempt.condemned_at, attempt.death, build.id, attempt.number)
  closeWork(tx, workIds.place(build.id, attempt.number))
  if (!isOver(build.status)) explainBuild(tx, build, death.reason)
  scheduleRemoval(tx, { build: build.id, number: attempt.number, lane: build.lane }, 0)
  tx.ring(orderBell(build.pipeline, build.number))
  tx.touchAttempt(build.id, attempt.number)
}

/**
 * The attempt's app and processes are gone. A build that is not over goes on with the next attempt, or ends. An app may
 * be removed once more, because it was posted late or its end was told late: the build has gone on by then.
 */
export function settleRemoved(tx: Tx, attempt: AttemptRow): void {
  if (attempt.removed_at !== null) return
  tx.db.run('UPDATE attempts SET removed_at = ? WHERE build = ? AND number = ?', tx.now, attempt.build, attempt.number)
  tx.touchAttempt(attempt.build, attempt.number)
  // A place in Marathon is free now.
  tx.ring(`place-${attempt.lane}`)
  const build = findBuildById(tx.db, attempt.build)
  if (build === undefined || isOver(build.status) || build.attempt !== attempt.number) return
  const death = attempt.death === null ? undefined : parse<Death>(attempt.death)
  const why = death?.reason ?? reason('lost.task', { state: attempt.ended_state ?? 'APP_GONE' })
  const next = afterDeath({
    number: countAttempts(tx, build),
    claimed: attempt.claimed_at !== null,
    killWanted: build.kill_wanted !== null,
    attemptsMax: attemptsMaxOf(tx, build),
  })
  const isDecided = death?.status !== undefined && build.kill_wanted === null
  if (isDecided) endBuild(tx, build, death.status, why)
  else if (next.next === 'over') endBuild(tx, build, endOf(next.status), endReason(build, why))
  else {
    endSteps(tx, build.id, attempt.number, why)
    queueBuild(tx, build, reason('ran.attempt', { attempt: attempt.number + 1, before: attempt.number }))
  }
}

const endOf = (status: BuildStatus): 'killed' | 'lost' => (status === 'killed' ? 'killed' : 'lost')

function endReason(build: BuildRow, why: Reason): Reason {
  return build.kill_wanted === null ? why : parse<{ reason: Reason }>(build.kill_wanted).reason
}

/**
 * The attempts that count. One that was never claimed, from before this controller came up, does not: its task may have
 * failed for want of a controller, and several restarts in a row must not lose a build.
 */
function countAttempts({ db, upSinceMs }: Tx, build: BuildRow): number {
  // Nothing of a repository that was removed is placed any more: it would wait for ever.
  const registered = 'SELECT 1 FROM repositories WHERE slug = ? AND removed_at IS NULL'
  if (db.find(registered, build.repository) === undefined) return Number.POSITIVE_INFINITY
  const sql = 'SELECT count(*) AS count FROM attempts WHERE build = ? AND (claimed_at IS NOT NULL OR opened_at >= ?)'
  return db.find<{ count: number }>(sql, build.id, upSinceMs)?.count ?? 0
}

function attemptsMaxOf(tx: Tx, build: BuildRow): number {
  const description = findDescription(tx, build)
  return description == null ? 1 : parse<Description>(description).attemptsMax
}

/** A meta-build is a build of our own pipeline, which says too how often it may be tried. */
function findDescription({ db }: Tx, { lane, version_key }: BuildRow): string | null | undefined {
  if (lane === 'meta') return findFact(db, metaFacts.description)
  return version_key === null ? undefined : findVersionRow(db, version_key)?.description
}
