import { type isOver, type Reason, reason } from '@baton/model'
import type { Ended, Lane, OpenAttempt, Order, Result } from '@baton/state-client'
import type { AttemptName, AttemptStore } from '../../attempts/attempt-store.ts'
import { resultIncomplete } from '../../errors.ts'
import { hashOf } from '../../keys/keys.ts'
import { endBuild } from '../builds/end-build.ts'
import type { AttemptRow } from '../rows.ts'
import { parse } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'
import { closeWork, scheduleRemoval, workIds } from '../work/schedule.ts'
import { addEvents } from './add-events.ts'
import { claim } from './claim.ts'
import { condemn } from './condemn.ts'
import { getForWriting, getNamed, noteRefusal, noteSeen } from './fence.ts'

/** How long a process that reported may take to exit before its app is looked after. */
const exitMs = 0

export function sqliteAttemptStore(store: Store): AttemptStore {
  const { db } = store
  return {
    claim: async (wanted, now) =>
      noteRefusal(store, wanted, now, () => write(store, 'claim', now, (tx) => claim(tx, wanted))),
    async findByToken(token) {
      const sql = `SELECT pipeline, builds.number, attempts.number AS attempt FROM attempts
        JOIN builds ON builds.id = attempts.build WHERE token_hash = ?`
      return db.find<AttemptName>(sql, hashOf(token))
    },
    addEvents: async (name, batch, writer, now) =>
      noteRefusal(store, name, now, () => write(store, 'events', now, (tx) => addEvents(tx, name, batch, writer))),
    see: async (name, now) => noteRefusal(store, name, now, () => write(store, 'seen', now, (tx) => see(tx, name))),
    report: async (name, result, now) =>
      noteRefusal(store, name, now, () => write(store, 'result', now, (tx) => report(tx, name, result))),
    end: async (name, ended, now) => write(store, 'ended', now, (tx) => end(tx, name, ended)),
    listOpen: async (lane) => listOpen(store, lane),
  }
}

function see(tx: Tx, name: AttemptName): Order {
  const { build, attempt } = getForWriting(tx, name, 'process')
  noteSeen(tx, attempt)
  if (build.kill_wanted === null) return { order: 'go-on', reason: null }
  return { order: 'stop', reason: parse<{ reason: Reason }>(build.kill_wanted).reason }
}

function report(tx: Tx, name: AttemptName, result: Result): void {
  const { build, attempt } = getNamed(tx.db, name)
  // The answer was lost: it is the same result of the same process.
  if (attempt.reported_at !== null) return
  getForWriting(tx, name, 'process')
  const missing = findMissing(tx, attempt, result)
  if (missing !== undefined) throw missing
  tx.db.run(
    'UPDATE attempts SET reported_at = ?, last_seen_at = ?, result = ? WHERE build = ? AND number = ?',
    ...[tx.now, tx.now, JSON.stringify(result), build.id, attempt.number],
  )
  tx.touchAttempt(build.id, attempt.number)
  endBuild(tx, build, result.status, result.reason as Reason | null)
  scheduleRemoval(tx, { build: build.id, number: attempt.number, lane: build.lane }, exitMs)
}

function findMissing(tx: Tx, attempt: AttemptRow, { events, outputs }: Result): Error | undefined {
  const sql = 'SELECT step, bytes FROM outputs WHERE build = ? AND attempt = ?'
  const rows = tx.db.list<{ step: string; bytes: number }>(sql, attempt.build, attempt.number)
  const stored = new Map(rows.map(({ step, bytes }) => [step, bytes]))
  const short = Object.entries(outputs).filter(([step, bytes]) => (stored.get(step) ?? 0) < bytes)
  if (attempt.next_event >= events && short.length === 0) return undefined
  return resultIncomplete(attempt.next_event, Object.fromEntries(short.map(([step]) => [step, stored.get(step) ?? 0])))
}

/** Marathon's word alone never makes a build green: an end without a result is a death. */
function end(tx: Tx, name: AttemptName, { taskId, state }: Ended): void {
  const { build, attempt } = getNamed(tx.db, name)
  if (attempt.removed_at !== null || attempt.ended_at !== null) return
  // A second process of the same app that lost the claim: its end means nothing.
  if (taskId !== null && attempt.task_id !== null && taskId !== attempt.task_id) return
  tx.db.run(
    'UPDATE attempts SET ended_at = ?, ended_state = ? WHERE build = ? AND number = ?',
    ...[tx.now, state, build.id, attempt.number],
  )
  attempt.ended_state = state
  tx.touchAttempt(build.id, attempt.number)
  if (attempt.reported_at === null) condemn(tx, build, attempt, { reason: reason('lost.task', { state }) })
  else {
    closeWork(tx, workIds.place(build.id, attempt.number))
    scheduleRemoval(tx, { build: build.id, number: attempt.number, lane: build.lane }, 0)
  }
}

interface OpenRow {
  pipeline: string
  build_number: number
  status: Parameters<typeof isOver>[0]
}

function listOpen({ db }: Store, lane: Lane): OpenAttempt[] {
  const sql = `SELECT attempts.*, pipeline, builds.number AS build_number, status FROM attempts
    JOIN builds ON builds.id = attempts.build WHERE attempts.lane = ? AND removed_at IS NULL ORDER BY opened_at`
  return db.list<AttemptRow & OpenRow>(sql, lane).map((row) => ({
    pipeline: row.pipeline,
    number: row.build_number,
    attempt: row.number,
    appId: row.app_id,
    placed: row.placed_at !== null,
    taskId: row.task_id,
    over: row.reported_at !== null || row.ended_at !== null || row.condemned_at !== null,
  }))
}
