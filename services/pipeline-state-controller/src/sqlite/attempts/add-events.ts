import { isOver, isStepId, mayStepGo, type StepStatus } from '@baton/model'
import type { EventBatch, PipelineEvent } from '@baton/state-client'
import type { AttemptName, Writer } from '../../attempts/attempt-store.ts'
import { errors } from '../../errors.ts'
import type { Tx } from '../store.ts'
import { getForWriting, type Named, noteSeen } from './fence.ts'

/** Largest result of a step that is kept, in characters of JSON. */
const resultLengthMax = 65_536

/** Applies what happened in a pipeline process, in the order of its numbers. @returns the next number wanted */
export function addEvents(tx: Tx, name: AttemptName, { from, events }: EventBatch, writer: Writer): number {
  const named = getForWriting(tx, name, writer)
  const { attempt } = named
  if (from > attempt.next_event) throw gap(attempt.next_event)
  const fresh = events.slice(attempt.next_event - from)
  for (const event of fresh) applyEvent(tx, named, event)
  const next = attempt.next_event + fresh.length
  const sql = 'UPDATE attempts SET next_event = ? WHERE build = ? AND number = ?'
  tx.db.run(sql, next, attempt.build, attempt.number)
  if (writer === 'process') noteSeen(tx, attempt)
  return next
}

const gap = (want: number): Error => errors.EVENTS_GAP({ want })

function applyEvent(tx: Tx, named: Named, event: PipelineEvent): void {
  if (event.type === 'plan') applyPlan(tx, named, event.steps)
  else applyStep(tx, named, event)
}

function applyPlan(tx: Tx, { build, attempt }: Named, steps: Extract<PipelineEvent, { type: 'plan' }>['steps']): void {
  for (const [position, { id, name, kind }] of steps.entries()) {
    tx.db.run(
      `INSERT INTO steps(build, attempt, id, position, name, kind, status) VALUES (?, ?, ?, ?, ?, ?, 'queued')
       ON CONFLICT(build, attempt, id) DO UPDATE SET position = excluded.position, name = excluded.name, kind = excluded.kind`,
      ...[build.id, attempt.number, id, position, name, kind],
    )
  }
  // One event tells of the whole tree: followers read the build.
  tx.touchAttempt(build.id, attempt.number)
  tx.touchBuild(build.id)
}

function applyStep(tx: Tx, { build, attempt }: Named, event: Extract<PipelineEvent, { type: 'step' }>): void {
  const { step, status } = event
  if (!isStepId(step)) throw errors.STEP_INVALID({ step: step.slice(0, 80) })
  const sql = 'SELECT status FROM steps WHERE build = ? AND attempt = ? AND id = ?'
  const known = tx.db.find<{ status: StepStatus }>(sql, build.id, attempt.number, step)
  if (known === undefined) throw errors.STEP_INVALID({ step })
  // What is over stays as it was judged: an attempt that was lost meanwhile has its steps ended here.
  if (!mayStepGo(known.status, status)) return
  const at = Date.parse(event.at)
  tx.db.run(
    `UPDATE steps SET status = ?, reason = coalesce(?, reason), result = coalesce(?, result),
       started_at = CASE WHEN ? THEN coalesce(started_at, ?) ELSE started_at END,
       ended_at = CASE WHEN ? THEN ? ELSE ended_at END
     WHERE build = ? AND attempt = ? AND id = ?`,
    status,
    event.reason && JSON.stringify(event.reason),
    resultOf(event.result),
    status === 'running',
    at,
    isOver(status) && status !== 'skipped',
    at,
    build.id,
    attempt.number,
    step,
  )
  tx.touchStep(build.id, attempt.number, step)
}

function resultOf(result: unknown): string | undefined {
  if (result === undefined) return undefined
  const json = JSON.stringify(result)
  return json !== undefined && json.length <= resultLengthMax ? json : undefined
}
