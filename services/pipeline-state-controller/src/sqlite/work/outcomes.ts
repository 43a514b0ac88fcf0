import { type Reason, reason } from '@baton/model'
import type { OutcomeOf, WorkKind } from '@baton/state-client'
import { placeDone, reconcileDone, removeDone, resolveDone, sweepDone } from '@baton/state-client/wire'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { errors } from '../../errors.ts'
import { settleRemoved } from '../attempts/condemn.ts'
import { endBuild } from '../builds/end-build.ts'
import { observe } from '../ledger/observe.ts'
import { resolveEntry } from '../ledger/resolve-entry.ts'
import { findAttemptRow, findBuildById } from '../read.ts'
import type { AttemptRow, WorkRow } from '../rows.ts'
import type { Command, Tx } from '../store.ts'
import { scheduleRemoval } from './schedule.ts'

interface Handling<Outcome> {
  readonly command: Command
  readonly schema: TSchema
  /** Applies the outcome. @returns when it is due again; `undefined`: it is done for good */
  apply(tx: Tx, row: WorkRow, outcome: Outcome): number | undefined
}

const placing: Handling<OutcomeOf<'place-build'>> = { command: 'placed', schema: placeDone, apply: applyPlaced }
const removal: Handling<OutcomeOf<'remove-build'>> = { command: 'removed', schema: removeDone, apply: applyRemoved }
const reconciling: Handling<OutcomeOf<'reconcile-build'>> = {
  command: 'reconciled',
  schema: reconcileDone,
  apply: (tx) => tx.now + tx.settings.reconcileMs,
}

const handlings: { readonly [K in WorkKind]: Handling<OutcomeOf<K>> } = {
  sweep: { command: 'observe', schema: sweepDone, apply: observe },
  resolve: { command: 'resolve', schema: resolveDone, apply: applyResolved },
  'place-build': placing,
  'place-meta': placing,
  'remove-build': removal,
  'remove-meta': removal,
  'reconcile-build': reconciling,
  'reconcile-meta': reconciling,
}

export const commandOf = (kind: WorkKind): Command => handlings[kind].command

/** Reads what a service says came of it. @throws OUTCOME_INVALID */
export function readOutcome(kind: WorkKind, outcome: unknown): OutcomeOf<WorkKind> {
  const { schema } = handlings[kind]
  if (Value.Check(schema, outcome)) return outcome as OutcomeOf<WorkKind>
  const first = Value.Errors(schema, outcome)[0]
  throw errors.OUTCOME_INVALID({
    kind,
    detail: `${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`.trim(),
  })
}

/** Applies an outcome once. The same one told again changes nothing. */
export function applyOutcome(tx: Tx, row: WorkRow, outcome: OutcomeOf<WorkKind>): void {
  const { apply } = handlings[row.kind] as Handling<OutcomeOf<WorkKind>>
  if (row.owner === null) {
    // Handed in before; or closed meanwhile, and then an app that was posted all the same has to go.
    if (row.done_at !== null && row.kind.startsWith('place-')) apply(tx, row, outcome)
    return
  }
  const dueAt = apply(tx, row, outcome)
  // Somebody asked for it once more while it was under way.
  const isAgain = tx.db.find<{ again: number }>('SELECT again FROM work WHERE id = ?', row.id)?.again === 1
  const at = isAgain ? tx.now : dueAt
  tx.db.run(
    'UPDATE work SET owner = NULL, again = 0, why = NULL, available_at = coalesce(?, available_at), done_at = ? WHERE id = ?',
    at,
    at === undefined ? tx.now : null,
    row.id,
  )
  tx.ring(row.kind)
}

function applyResolved(tx: Tx, row: WorkRow, outcome: OutcomeOf<'resolve'>): undefined {
  resolveEntry(tx, row, outcome)
  return undefined
}

function applyPlaced(tx: Tx, row: WorkRow, { refused }: OutcomeOf<'place-build'>): undefined {
  const build = row.build === null ? undefined : findBuildById(tx.db, row.build)
  const attempt = build && row.attempt !== null ? findAttemptRow(tx.db, build.id, row.attempt) : undefined
  if (build === undefined || attempt === undefined) return undefined
  const set = (column: 'placed_at' | 'removed_at'): void => {
    tx.db.run(
      `UPDATE attempts SET ${column} = coalesce(${column}, ?) WHERE build = ? AND number = ?`,
      tx.now,
      build.id,
      attempt.number,
    )
    tx.touchAttempt(build.id, attempt.number)
  }
  if (refused === null) {
    set('placed_at')
    // Posted once more, by somebody who was slow: the app of before may be deleted already.
    const isUnwanted = [attempt.condemned_at, attempt.reported_at, attempt.removed_at].some((at) => at !== null)
    if (isUnwanted) scheduleRemoval(tx, { build: build.id, number: attempt.number, lane: build.lane }, 0)
  } else if (isUnplaced(attempt) && build.status === 'placing' && build.attempt === attempt.number) {
    set('removed_at')
    endBuild(tx, build, 'failure', reason('failure.refused', { message: refused }) satisfies Reason)
  }
  return undefined
}

/** What was placed or claimed was not refused: whoever says so now speaks of a second try. */
const isUnplaced = ({ placed_at, claimed_at }: AttemptRow): boolean => placed_at === null && claimed_at === null

function applyRemoved(tx: Tx, row: WorkRow): undefined {
  const attempt = row.build === null || row.attempt === null ? undefined : findAttemptRow(tx.db, row.build, row.attempt)
  if (attempt !== undefined) settleRemoved(tx, attempt)
  return undefined
}
