import { normalUrl } from '@baton/git/url'
import { judgeObservation, reason } from '@baton/model'
import type { NewRepository } from '@baton/state-client'
import { errors } from '../../errors.ts'
import { makeSecret } from '../../keys/keys.ts'
import type { RepositoryStore } from '../../repositories/repository-store.ts'
import { condemn } from '../attempts/condemn.ts'
import { endBuild } from '../builds/end-build.ts'
import { addEntry, findHead, forgetHeads, moveHead } from '../ledger/entries.ts'
import { findAttemptRow, getRepositoryRow } from '../read.ts'
import { type BuildRow, type RepositoryRow, toRepository } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'
import { closeWork, jittered, scheduleSweep, workIds } from '../work/schedule.ts'

export function sqliteRepositoryStore(store: Store): RepositoryStore {
  const { db, keys } = store
  return {
    add: async (repository, now) => write(store, 'register', now, (tx) => addRepository(tx, repository)),
    list: async () =>
      db.list<RepositoryRow>('SELECT * FROM repositories WHERE removed_at IS NULL ORDER BY slug').map(toRepository),
    get: async (slug) => toRepository(getRepositoryRow(db, slug)),
    remove: async (slug, who, now) => write(store, 'unregister', now, (tx) => removeRepository(tx, slug, who)),
    renewHookSecret: async (slug, now) => write(store, 'secret', now, (tx) => renewHookSecret(tx, slug)),
    hookSecret: async (slug) => keys.open(`hook:${slug}`, getRepositoryRow(db, slug).hook_secret),
  }
}

function addRepository(tx: Tx, wanted: NewRepository): ReturnType<typeof toRepository> {
  const { db } = tx
  const { slug, url, defaultRef } = wanted
  const first = wanted.heads.find(({ ref }) => ref === defaultRef)
  if (first === undefined) throw errors.DEFAULT_HEAD_MISSING({ ref: defaultRef })
  const normal = normalUrl(url)
  const taken = db.find<{ slug: string }>(
    'SELECT slug FROM repositories WHERE removed_at IS NULL AND (slug = ? OR normal_url = ?)',
    slug,
    normal,
  )
  if (taken !== undefined) {
    throw errors.REPOSITORY_EXISTS({
      what: taken.slug === slug ? `a repository ${slug}` : 'this URL',
      slug: taken.slug,
    })
  }
  // A slug that was removed may be used again: its history goes on, numbers and eras too.
  db.run(
    `INSERT OR REPLACE INTO repositories(slug, url, normal_url, refs, every, default_ref, hook_secret, registered_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    slug,
    url,
    normal,
    JSON.stringify(wanted.refs),
    wanted.every,
    defaultRef,
    sealHookSecret(tx, slug, makeHookSecret()),
    tx.now,
  )
  const row = getRepositoryRow(db, slug)
  for (const { ref, head } of wanted.heads) {
    const { head: baseline, entry } = judgeObservation(findHead(tx, slug, ref), { head, descends: false })
    moveHead(tx, slug, ref, baseline)
    if (ref === defaultRef && entry) addEntry(tx, row, { ...entry, ref, before: null, source: 'registration' })
  }
  scheduleSweep(tx, slug, jittered(tx.settings.sweepMs))
  tx.touchRepository(slug)
  return toRepository(row)
}

const makeHookSecret = (): string => makeSecret('bh_')
const sealHookSecret = (tx: Tx, slug: string, secret: string) => tx.keys.seal(`hook:${slug}`, secret)

function renewHookSecret(tx: Tx, slug: string): string {
  getRepositoryRow(tx.db, slug)
  const secret = makeHookSecret()
  tx.db.run('UPDATE repositories SET hook_secret = ? WHERE slug = ?', sealHookSecret(tx, slug, secret), slug)
  return secret
}

function removeRepository(tx: Tx, slug: string, who: string): void {
  const { db } = tx
  getRepositoryRow(db, slug)
  const why = reason('skipped.removed', { who })
  db.run('UPDATE repositories SET removed_at = ? WHERE slug = ?', tx.now, slug)
  forgetHeads(tx, slug)
  db.run('DELETE FROM secrets WHERE repository = ?', slug)
  db.run('DELETE FROM deliveries WHERE repository = ?', slug)
  closeWork(tx, workIds.sweep(slug))
  for (const { id } of db.list<{ id: number }>(
    "SELECT id FROM entries WHERE repository = ? AND state = 'open'",
    slug,
  )) {
    db.run("UPDATE entries SET state = 'skipped', reason = ? WHERE id = ?", JSON.stringify(why), id)
    closeWork(tx, workIds.resolve(id))
    tx.touchEntry(id)
  }
  const waiting = "SELECT * FROM builds WHERE repository = ? AND status IN ('assembling', 'queued', 'placing')"
  for (const { id } of db.list<BuildRow>(waiting, slug)) {
    // Ending a meta-build ends those that wait for it too, so each is looked at anew.
    const build = db.find<BuildRow>(`${waiting} AND id = ?`, slug, id)
    if (build === undefined) continue
    const attempt = build.status === 'placing' ? findAttemptRow(db, build.id, build.attempt) : undefined
    if (attempt !== undefined) condemn(tx, build, attempt, { reason: why })
    endBuild(tx, build, 'killed', why)
  }
  tx.touchRepository(slug)
}
