import { randomUUID } from 'node:crypto'
import type { Token } from '@baton/state-client'
import { errors } from '../../errors.ts'
import { hashOf, makeSecret } from '../../keys/keys.ts'
import type { TokenStore } from '../../tokens/token-store.ts'
import { toMoment } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'

const linkMs = 600_000
const sessionMs = 12 * 3_600_000
/** Links and sessions are tokens too, of roles that no token can be made with. */
const linkRole = 'link'
const sessionName = 'session:'

interface TokenRow {
  id: string
  name: string
  role: string
  created_at: number
}

export function sqliteTokenStore(store: Store): TokenStore {
  const { db } = store
  return {
    add: async ({ name, role }, now) =>
      write(store, 'token', now, (tx) => {
        const taken = db.find('SELECT 1 FROM tokens WHERE name = ? AND expires_at IS NULL', name)
        if (taken !== undefined) throw errors.TOKEN_NAME_TAKEN({ name })
        return addToken(tx, name, role, 'bt_')
      }),
    async list(now) {
      const sql = 'SELECT * FROM tokens WHERE role <> ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY created_at'
      return db.list<TokenRow>(sql, linkRole, now.getTime()).map(({ id, name, role, created_at }) => ({
        ...{ id, name, role: role as Token['role'] },
        createdAt: toMoment(created_at),
      }))
    },
    remove: async (id, now) => write(store, 'token', now, () => void db.run('DELETE FROM tokens WHERE id = ?', id)),
    async find(token, now) {
      const sql =
        'SELECT name, role FROM tokens WHERE hash = ? AND role <> ? AND (expires_at IS NULL OR expires_at > ?)'
      return db.find<Pick<Token, 'name' | 'role'>>(sql, hashOf(token), linkRole, now.getTime())
    },
    makeLink: async (who, now) =>
      write(store, 'token', now, (tx) => addToken(tx, `${sessionName}${who}`, linkRole, 'bl_', linkMs).token),
    useLink: async (key, now) =>
      write(store, 'token', now, (tx) => {
        db.run('DELETE FROM tokens WHERE expires_at <= ?', tx.now)
        const link = db.find<TokenRow>('SELECT * FROM tokens WHERE hash = ? AND role = ?', hashOf(key), linkRole)
        if (link === undefined) throw errors.LINK_UNKNOWN()
        db.run('DELETE FROM tokens WHERE id = ?', link.id)
        return addToken(tx, link.name, 'admin', 'bs_', sessionMs).token
      }),
  }
}

function addToken(
  { db, now }: Tx,
  name: string,
  role: string,
  prefix: string,
  livesMs?: number,
): { id: string; token: string } {
  const token = makeSecret(prefix)
  const id = randomUUID()
  const expiresAt = livesMs === undefined ? null : now + livesMs
  db.run('INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?)', id, name, role, hashOf(token), now, expiresAt)
  return { id, token }
}
