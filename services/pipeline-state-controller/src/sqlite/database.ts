import Libsql from 'libsql'

export type SqlValue = string | number | bigint | Buffer | null
/** What may be bound. `true` is 1, `undefined` is NULL: the driver ends the process on both. */
export type SqlParam = SqlValue | boolean | undefined

/** One SQLite file, one connection. Statements are prepared once and kept. Everything is synchronous. */
export interface Database {
  /** The first row, or `undefined`. */
  find<T>(sql: string, ...params: SqlParam[]): T | undefined
  list<T>(sql: string, ...params: SqlParam[]): T[]
  /** @returns how many rows changed */
  run(sql: string, ...params: SqlParam[]): number
  /** Runs statements without parameters. */
  exec(sql: string): void
  /** Runs `work` as a whole or not at all. Not nestable. */
  transaction<T>(work: () => T): T
  close(): void
}

type Statement = Libsql.Statement<unknown[]>

/** Whoever else reads just now (a backup, a person with the sqlite shell) is waited for so long, once: at the start. */
const busyMs = 1_000

/**
 * Opens or creates the file. WAL, and every commit synced to disk before it returns: what was acknowledged survives
 * `kill -9` and a power cut.
 */
export function openDatabase(path: string): Database {
  const libsql = new Libsql(path, { timeout: busyMs })
  setUp(libsql)
  const kept = new Map<string, Statement>()
  const statement = (sql: string): Statement => {
    const known = kept.get(sql)
    if (known !== undefined) return known
    const made = libsql.prepare(sql)
    kept.set(sql, made)
    return made
  }
  return {
    find: <T>(sql: string, ...params: SqlParam[]) => plain<T>(statement(sql).get(params.map(toSql))),
    list: <T>(sql: string, ...params: SqlParam[]) => statement(sql).all(params.map(toSql)) as T[],
    run: (sql, ...params) => statement(sql).run(params.map(toSql)).changes,
    exec: (sql) => void libsql.exec(sql),
    transaction: (work) => runTransaction(libsql, work),
    close: () => {
      kept.clear()
      release(libsql)
    },
  }
}

const pragmas = [
  // The lock is the kernel's: whatever ends this process frees it, and a second controller is refused meanwhile.
  'locking_mode = EXCLUSIVE',
  'journal_mode = WAL',
  'synchronous = FULL',
  'foreign_keys = ON',
  'cache_size = -4000',
  'journal_size_limit = 67108864',
  'temp_store = MEMORY',
]

function setUp(libsql: Libsql.Database): void {
  try {
    for (const pragma of pragmas) libsql.prepare(`PRAGMA ${pragma}`).all()
  } catch (error) {
    libsql.close()
    throw error
  }
}

/**
 * The driver holds the file, and its lock, until it collects the last statement. Out of WAL and without a lock, the
 * file is whole and free at once.
 */
function release(libsql: Libsql.Database): void {
  try {
    for (const pragma of ['journal_mode = DELETE', 'locking_mode = NORMAL']) libsql.prepare(`PRAGMA ${pragma}`).all()
    libsql.prepare('SELECT 1 FROM sqlite_master').all()
  } finally {
    libsql.close()
  }
}

function runTransaction<T>(libsql: Libsql.Database, work: () => T): T {
  libsql.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    libsql.exec('COMMIT')
    return result
  } catch (error) {
    // A failed COMMIT may have rolled back by itself; then there is nothing left to undo.
    if (libsql.inTransaction) libsql.exec('ROLLBACK')
    throw error
  }
}

/** The driver adds how long a single row took, under a name of its own: it is no column. */
function plain<T>(row: unknown): T | undefined {
  if (row !== undefined) delete (row as { _metadata?: unknown })._metadata
  return row as T | undefined
}

function toSql(value: SqlParam): SqlValue {
  if (value === undefined) return null
  return typeof value === 'boolean' ? Number(value) : value
}

/** A blob as a Buffer: the driver gives an ArrayBuffer from lists and a Buffer from single rows. */
export function toBuffer(blob: Buffer | ArrayBuffer): Buffer {
  return Buffer.isBuffer(blob) ? blob : Buffer.from(blob)
}
