import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '@baton/service-kit'
import { errors } from '../errors.ts'
import { createHub } from '../events/hub.ts'
import type { Keys } from '../keys/keys.ts'
import type { Ports } from '../ports.ts'
import { createBells } from '../work/bells.ts'
import { sqliteAttemptStore } from './attempts/attempt-store.ts'
import { sqliteBuildStore } from './builds/build-store.ts'
import { type Database, openDatabase } from './database.ts'
import { sqliteEventLog } from './events/event-log.ts'
import { sqliteLedger } from './ledger/ledger.ts'
import { sqliteOutputStore } from './outputs/output-store.ts'
import { findFact, setFact } from './read.ts'
import { sqliteRepositoryStore } from './repositories/repository-store.ts'
import { sqliteSecretStore } from './repositories/secret-store.ts'
import { migrations } from './schema.ts'
import { type Store, type StoreSettings, write } from './store.ts'
import { sqliteTokenStore } from './tokens/token-store.ts'
import { sqliteVersionStore } from './versions/version-store.ts'
import { schedule, workIds } from './work/schedule.ts'
import { sqliteWorkQueue } from './work/work-queue.ts'

export interface SqliteOptions {
  /** A folder; `:memory:` keeps everything in this process. */
  readonly dataDir: string
  readonly keys: Keys
  readonly settings: StoreSettings
  readonly log: Log
  readonly now: Date
}

/**
 * Opens the database, brings its tables up to date and checks that it is this installation's.
 * @throws DATABASE_LOCKED, DATABASE_NEWER, INSTALLATION_DIFFERS, MASTER_KEY_WRONG
 */
export function openSqlite(options: SqliteOptions): Ports & { close(): void } {
  const { keys, settings, log, now, dataDir } = options
  const path = dataDir === ':memory:' ? dataDir : join(dataDir, 'state.db')
  if (dataDir !== ':memory:') mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const db = openLocked(path)
  try {
    migrate(db, path)
    checkOwner(db, keys, settings.installation)
  } catch (error) {
    db.close()
    throw error
  }
  const store: Store = { db, keys, settings, log, bells: createBells(), hub: createHub(), upSinceMs: now.getTime() }
  write(store, 'settings', now, (tx) => {
    for (const lane of ['build', 'meta'] as const) {
      schedule(tx, { id: workIds.reconcile(lane), kind: `reconcile-${lane}`, at: tx.now })
    }
  })
  return {
    repositories: sqliteRepositoryStore(store),
    secrets: sqliteSecretStore(store),
    ledger: sqliteLedger(store),
    builds: sqliteBuildStore(store),
    attempts: sqliteAttemptStore(store),
    outputs: sqliteOutputStore(store),
    versions: sqliteVersionStore(store),
    work: sqliteWorkQueue(store),
    events: sqliteEventLog(store),
    tokens: sqliteTokenStore(store),
    bells: store.bells,
    hub: store.hub,
    close: () => db.close(),
  }
}

function openLocked(path: string): Database {
  try {
    return openDatabase(path)
  } catch (error) {
    if (/locked|busy/i.test(String(error))) throw errors.DATABASE_LOCKED({ path }, error)
    throw error
  }
}

function migrate(db: Database, path: string): void {
  const version = db.find<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
  if (version > migrations.length) throw errors.DATABASE_NEWER({ path })
  for (const [at, migration] of migrations.entries()) {
    if (at < version) continue
    db.transaction(() => {
      db.exec(migration)
      db.exec(`PRAGMA user_version = ${at + 1}`)
    })
  }
}

function checkOwner(db: Database, keys: Keys, installation: string): void {
  const stored = findFact(db, 'installation')
  if (stored === undefined) {
    db.transaction(() => {
      setFact(db, 'installation', installation)
      setFact(db, 'key', keys.fingerprint)
    })
    return
  }
  if (stored !== installation) throw errors.INSTALLATION_DIFFERS({ stored, given: installation })
  if (findFact(db, 'key') !== keys.fingerprint) throw errors.MASTER_KEY_WRONG()
}
