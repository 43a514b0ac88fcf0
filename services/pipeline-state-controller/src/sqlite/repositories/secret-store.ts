import { errors } from '../../errors.ts'
import { isSecretName, type SecretStore } from '../../secrets/secret-store.ts'
import { getRepositoryRow } from '../read.ts'
import { type Store, type Tx, write } from '../store.ts'

export function sqliteSecretStore(store: Store): SecretStore {
  const { db } = store
  return {
    async listNames(slug) {
      getRepositoryRow(db, slug)
      const rows = db.list<{ name: string }>('SELECT name FROM secrets WHERE repository = ? ORDER BY name', slug)
      return rows.map(({ name }) => name)
    },
    async set(slug, name, value, now) {
      if (!isSecretName(name)) throw errors.SECRET_NAME_INVALID({ name: name.slice(0, 80) })
      write(store, 'secret', now, (tx) => {
        getRepositoryRow(db, slug)
        const sql = `INSERT INTO secrets VALUES (?, ?, ?)
          ON CONFLICT(repository, name) DO UPDATE SET value = excluded.value`
        db.run(sql, slug, name, tx.keys.seal(contextOf(slug, name), value))
      })
    },
    async remove(slug, name, now) {
      write(store, 'secret', now, () => {
        getRepositoryRow(db, slug)
        const removed = db.run('DELETE FROM secrets WHERE repository = ? AND name = ?', slug, name)
        if (removed === 0) throw errors.SECRET_UNKNOWN({ slug, name: name.slice(0, 80) })
      })
    },
  }
}

const contextOf = (slug: string, name: string): string => `secret:${slug}:${name}`

/** All secrets of a repository, in the clear: for the claim alone. */
export function openSecrets(tx: Tx, slug: string): Record<string, string> {
  const rows = tx.db.list<{ name: string; value: Buffer }>('SELECT name, value FROM secrets WHERE repository = ?', slug)
  return Object.fromEntries(
    rows.map(({ name, value }) => [name, tx.keys.open(contextOf(slug, name), Buffer.from(value))]),
  )
}
