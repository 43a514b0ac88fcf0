import { matchesAny, type RefHead, reason, type Verdict } from '@baton/model'
import { parse, type RepositoryRow } from '../rows.ts'
import type { Tx } from '../store.ts'
import { schedule, workIds } from '../work/schedule.ts'

type Source = 'hook' | 'sweep' | 'registration'

interface NewEntry {
  readonly ref: string
  readonly era: number
  readonly commit: string
  readonly before: string | null
  readonly source: Source
  /** Told by a hook that does not continue the known head: the head may be there already, or past it. */
  readonly isAhead?: boolean
}

/** Adds a ledger entry and the work to resolve it. @returns its id; `undefined` if it is there already */
export function addEntry(tx: Tx, repository: RepositoryRow, entry: NewEntry): number | undefined {
  const patterns = parse<string[]>(repository.refs)
  const isBuilt = entry.ref === repository.default_ref || matchesAny(patterns, entry.ref)
  const why = isBuilt ? null : reason('skipped.ref', { ref: entry.ref, patterns: patterns.join(', ').slice(0, 300) })
  const added = tx.db.run(
    `INSERT OR IGNORE INTO entries(repository, ref, era, hash, before, source, seen_at, state, reason, ahead)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    repository.slug,
    entry.ref,
    entry.era,
    entry.commit,
    entry.before,
    entry.source,
    tx.now,
    isBuilt ? 'open' : 'skipped',
    why && JSON.stringify(why),
    entry.isAhead ?? false,
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
 * The heads of a repository that is registered no more are gone. Registered anew, its refs are made again: their eras
 * go on, so that no commit of before counts as built.
 */
export function forgetHeads({ db }: Tx, slug: string): void {
  db.run(
    `INSERT INTO heads(repository, ref, head, era)
     SELECT repository, ref, NULL, max(era) FROM entries WHERE repository = ? GROUP BY ref
     ON CONFLICT(repository, ref) DO UPDATE SET era = max(era, excluded.era)`,
    slug,
  )
  db.run('UPDATE heads SET head = NULL WHERE repository = ?', slug)
}

/**
 * Whether a hook told of this commit before the head was seen to be there. It is that entry then: to count it as one of
 * a new era would build one push twice.
 */
export function isToldAhead({ db }: Tx, slug: string, ref: string, { era, head }: RefHead): boolean {
  const sql = 'SELECT 1 FROM entries WHERE repository = ? AND ref = ? AND era = ? AND hash = ? AND ahead = 1'
  return db.find(sql, slug, ref, era, head) !== undefined
}

/** A look that began after them saw where the heads are: a head that comes to one of these from now on went back. */
export function settleAhead({ db }: Tx, slug: string): void {
  db.run('UPDATE entries SET ahead = 0 WHERE repository = ? AND ahead = 1', slug)
}
