import { matchesAny, type RefHead, reason, type Verdict } from '@baton/model'
import { parse, type RepositoryRow } from './rows.ts'
import { schedule, workIds } from './schedule.ts'
import type { Tx } from './store.ts'

type Source = 'hook' | 'sweep' | 'registration'

interface NewEntry {
  readonly ref: string
  readonly era: number
  readonly commit: string
  readonly before: string | null
  readonly source: Source
}

/** Adds a ledger entry and the work to resolve it. @returns its id; `undefined` if it is there already */
export function addEntry(tx: Tx, repository: RepositoryRow, entry: NewEntry): number | undefined {
  const patterns = parse<string[]>(repository.refs)
  const isBuilt = entry.ref === repository.default_ref || matchesAny(patterns, entry.ref)
  const why = isBuilt ? null : reason('skipped.ref', { ref: entry.ref, patterns: patterns.join(', ').slice(0, 300) })
  const added = tx.db.run(
    `INSERT OR IGNORE INTO entries(repository, ref, era, hash, before, source, seen_at, state, reason)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    repository.slug,
    entry.ref,
    entry.era,
    entry.commit,
    entry.before,
    entry.source,
    tx.now,
    isBuilt ? 'open' : 'skipped',
    why && JSON.stringify(why),
  )
  if (added === 0) return undefined
  const id = tx.db.find<{ id: number }>('SELECT last_insert_rowid() AS id')?.id ?? 0
  if (isBuilt)
    schedule(tx, { id: workIds.resolve(id), kind: 'resolve', at: tx.now, subject: repository.slug, entry: id })
  tx.touchEntry(id)
  return id
}

export const findHead = (tx: Tx, slug: string, ref: string): RefHead | undefined =>
  tx.db.find<RefHead>('SELECT head, era FROM heads WHERE repository = ? AND ref = ?', slug, ref)

/** Moves the head as a verdict says. The caller read the known head in this transaction: that is the compare-and-set. */
export function moveHead(tx: Tx, slug: string, ref: string, head: Verdict['head']): void {
  if (head === undefined) return
  tx.db.run(
    `INSERT INTO heads(repository, ref, head, era) VALUES (?, ?, ?, ?)
     ON CONFLICT(repository, ref) DO UPDATE SET head = excluded.head, era = excluded.era`,
    slug,
    ref,
    head.head,
    head.era,
  )
}

/**
 * A ref that is not known now may have been before the repository was registered anew: its eras go on, so that no
 * commit of an older registration counts as built.
 */
export function continueEras(tx: Tx, slug: string, ref: string, verdict: Verdict): Verdict {
  const sql = 'SELECT max(era) AS era FROM entries WHERE repository = ? AND ref = ?'
  const before = tx.db.find<{ era: number | null }>(sql, slug, ref)?.era ?? 0
  const shift = <T extends { era: number }>(one: T | undefined): T | undefined =>
    one && { ...one, era: one.era + before }
  return before === 0 ? verdict : { ...verdict, head: shift(verdict.head), entry: shift(verdict.entry) }
}
