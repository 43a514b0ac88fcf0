import type { Publication, Version } from '@baton/state-client'
import type { AttemptName } from '../../attempts/attempt-store.ts'
import { errors } from '../../errors.ts'
import { hashOf } from '../../keys/keys.ts'
import type { VersionStore } from '../../versions/version-store.ts'
import { getForWriting } from '../attempts/fence.ts'
import { queueBuild } from '../builds/start-build.ts'
import { type Database, toBuffer } from '../database.ts'
import { findFact, findVersionRow, setFact } from '../read.ts'
import { type BuildRow, toVersion, type VersionRow } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'

/** Where the meta-pipeline's own bundle is named: its digest, and what Marathon has to give it. */
export const metaFacts = { digest: 'meta.digest', description: 'meta.description' } as const

export function sqliteVersionStore(store: Store): VersionStore {
  const { db } = store
  return {
    async lookup(keys) {
      const sql = 'SELECT * FROM versions WHERE key IN (SELECT value FROM json_each(?))'
      return db.list<VersionRow>(sql, JSON.stringify(keys)).map(toVersion)
    },
    get: async (key) => toVersion(getVersionRow(db, key)),
    putBundle: async (by, key, bytes, now) =>
      write(store, 'bundle', now, (tx) => {
        checkMayPublish(tx, by, key)
        return storeBundle(tx, bytes)
      }),
    publish: async (by, key, publication, now) =>
      write(store, 'publish', now, (tx) => {
        checkMayPublish(tx, by, key)
        return publish(tx, key, publication)
      }),
    putMetaPipeline: async (bytes, description, now) =>
      write(store, 'settings', now, (tx) => {
        const digest = storeBundle(tx, bytes)
        if (findFact(db, metaFacts.digest) === digest) return digest
        setFact(db, metaFacts.digest, digest)
        setFact(db, metaFacts.description, JSON.stringify(description))
        tx.ring('place-meta')
        return digest
      }),
    readBundle: async (bundleKey) => readBundle(db, bundleKey),
  }
}

function getVersionRow(db: Database, key: string): VersionRow {
  const row = findVersionRow(db, key)
  if (row === undefined) throw errors.VERSION_UNKNOWN({ key: key.slice(0, 80) })
  return row
}

/** A meta-build may publish the one key that it was started for. */
function checkMayPublish(tx: Tx, by: AttemptName, key: string): void {
  const { build } = getForWriting(tx, by, 'process')
  if (build.lane !== 'meta' || build.version_key !== key) throw errors.VERSION_FOREIGN({ key })
}

function storeBundle({ db, now }: Tx, bytes: Buffer): string {
  if (bytes.length === 0) throw errors.BUNDLE_INVALID()
  const digest = hashOf(bytes)
  db.run('INSERT OR IGNORE INTO bundles VALUES (?, ?, ?)', digest, bytes, now)
  return digest
}

function publish(tx: Tx, key: string, { digest, description }: Publication): Version {
  const { db } = tx
  const version = getVersionRow(db, key)
  if (version.status === 'ready') {
    if (version.digest !== digest) throw errors.VERSION_SETTLED({ key })
    return toVersion(version)
  }
  if (db.find('SELECT 1 FROM bundles WHERE digest = ?', digest) === undefined) throw errors.BUNDLE_MISSING({ digest })
  db.run(
    "UPDATE versions SET status = 'ready', digest = ?, description = ?, message = NULL WHERE key = ?",
    digest,
    JSON.stringify(description),
    key,
  )
  tx.touchVersion(key)
  const waiting = "SELECT * FROM builds WHERE version_key = ? AND status = 'assembling' ORDER BY created_at"
  for (const build of db.list<BuildRow>(waiting, key)) queueBuild(tx, build)
  return toVersion(getVersionRow(db, key))
}

function readBundle(db: Database, bundleKey: string): Buffer {
  const sql = `SELECT data FROM attempts JOIN bundles USING (digest)
    WHERE bundle_key_hash = ? AND removed_at IS NULL AND condemned_at IS NULL AND reported_at IS NULL`
  const row = db.find<{ data: Buffer }>(sql, hashOf(bundleKey))
  if (row === undefined) throw errors.BUNDLE_UNKNOWN()
  return toBuffer(row.data)
}
