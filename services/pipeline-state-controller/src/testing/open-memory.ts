import { createLog } from '@baton/service-kit'
import { createKeys } from '../keys/keys.ts'
import { openSqlite, type SqliteOptions } from '../sqlite/open-store.ts'
import { hourMs, minuteMs, noon, secondMs } from './samples.ts'
import type { OpenPorts } from './scene.ts'

export const masterKey = 'ab'.repeat(32)
export const installation = 'abc123'

/** For tests: how a SQLite store is opened, with limits that are easy to reach. */
export function sqliteOptions(dataDir: string, settings: Parameters<OpenPorts>[0] = {}): SqliteOptions {
  return {
    dataDir,
    keys: createKeys(masterKey, installation),
    settings: {
      installation,
      leaseMs: 30 * secondMs,
      placingMax: 3,
      placingMs: 30 * minuteMs,
      silenceMaxMs: 15 * minuteMs,
      stopMaxMs: 5 * minuteMs,
      reconcileMs: 20 * secondMs,
      sweepMs: 30 * secondMs,
      sweepHookedMs: hourMs,
      sweepsMax: 2,
      ...settings,
    },
    log: createLog({ service: 'state', level: 'silent' }),
    now: noon,
  }
}

/** An in-memory SQLite is a real store, so nobody needs mocks. */
export const openMemory: OpenPorts = async (settings) => openSqlite(sqliteOptions(':memory:', settings))
