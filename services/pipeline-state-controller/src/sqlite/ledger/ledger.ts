import { judgeHook } from '@baton/model'
import type { Delivery, DeliveryAnswer } from '@baton/state-client'
import type { EntryQuery, Ledger } from '../../ledger/ledger.ts'
import { getRepositoryRow, withFates } from '../read.ts'
import type { EntryRow, RepositoryRow } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'
import { scheduleSweep } from '../work/schedule.ts'
import { addEntry, findHead, moveHead } from './entries.ts'

/** Looks that are asked for within this time of the last one wait for the rest of it. */
const lookPauseMs = 1_000

export function sqliteLedger(store: Store): Ledger {
  return {
    deliver: async (slug, delivery, now) => write(store, 'deliver', now, (tx) => deliver(tx, slug, delivery)),
    look: async (slug, now) => write(store, 'look', now, (tx) => look(tx, slug)),
    listEntries: async (query) => listEntries(store, query),
  }
}

function deliver(tx: Tx, slug: string, { id, digest, changes }: Delivery): DeliveryAnswer {
  const { db } = tx
  const repository = getRepositoryRow(db, slug)
  const known = 'SELECT 1 FROM deliveries WHERE repository = ? AND'
  const isAgain = db.find(`${known} id = ?`, slug, id) !== undefined
  // Sent again, or told by a second hook of the forge; or the same push once more, after a force-push back: where a forge
  // gives no delivery ids, that looks the same. The remote knows.
  const isTold = isAgain || db.find(`${known} digest = ? LIMIT 1`, slug, digest) !== undefined
  if (!isAgain) db.run('INSERT INTO deliveries VALUES (?, ?, ?, ?)', slug, id, digest, tx.now)
  db.run('UPDATE repositories SET last_hook_at = ? WHERE slug = ?', tx.now, slug)
  tx.touchRepository(slug)
  if (isTold) {
    scheduleSweep(tx, slug, 0)
    return { known: true, entries: [], look: true }
  }
  const told = changes.map((change) => applyChange(tx, repository, change))
  const needsLook = told.some((one) => one.look)
  if (needsLook) scheduleSweep(tx, slug, 0)
  return { known: false, entries: told.flatMap((one) => one.entries), look: needsLook }
}

function applyChange(
  tx: Tx,
  repository: RepositoryRow,
  { ref, before, after }: Delivery['changes'][number],
): Pick<DeliveryAnswer, 'entries' | 'look'> {
  const { slug } = repository
  const head = findHead(tx, slug, ref)
  const isKnown = after !== null && isCommitOf(tx, slug, ref, after, head?.head)
  const { entry, head: moved, look } = judgeHook(head, { before, after }, isKnown)
  moveHead(tx, slug, ref, moved)
  const id = entry && addEntry(tx, repository, { ...entry, ref, before, source: 'hook', isAhead: moved === undefined })
  return { entries: id === undefined || entry === undefined ? [] : [{ id, ref, commit: entry.commit }], look }
}

/** Whether this ref has, or had, that commit: then a hook alone cannot tell what it means. */
function isCommitOf(tx: Tx, slug: string, ref: string, commit: string, head: string | null | undefined): boolean {
  if (head === commit) return true
  const sql = 'SELECT 1 FROM entries WHERE repository = ? AND ref = ? AND hash = ? LIMIT 1'
  return tx.db.find(sql, slug, ref, commit) !== undefined
}

function look(tx: Tx, slug: string): void {
  const { last_look_at } = getRepositoryRow(tx.db, slug)
  const last = last_look_at ?? 0
  // One that is still to come serves everybody who asks until then.
  const at = last > tx.now ? last : Math.max(tx.now, last + lookPauseMs)
  tx.db.run('UPDATE repositories SET last_look_at = ? WHERE slug = ?', at, slug)
  scheduleSweep(tx, slug, at - tx.now)
}

function listEntries({ db }: Store, { repository, limit, before }: EntryQuery): ReturnType<typeof withFates>[] {
  const end = before ?? Number.MAX_SAFE_INTEGER
  const rows =
    repository === undefined
      ? db.list<EntryRow>('SELECT * FROM entries WHERE id < ? ORDER BY id DESC LIMIT ?', end, limit)
      : db.list<EntryRow>(
          'SELECT * FROM entries WHERE repository = ? AND id < ? ORDER BY id DESC LIMIT ?',
          repository,
          end,
          limit,
        )
  return rows.map((row) => withFates(db, row))
}
