import { crashPoint, type Log } from '@baton/service-kit'
import type { Hub } from '../events/hub.ts'
import type { Keys } from '../keys/keys.ts'
import type { Bells } from '../work/bells.ts'
import type { Database } from './database.ts'
import { createTouched, type Touched } from './touched.ts'

/** What the adapters need to know of the settings. */
export interface StoreSettings {
  readonly installation: string
  readonly leaseMs: number
  readonly placingMax: number
  readonly placingMs: number
  readonly silenceMaxMs: number
  /** How long a build that was told to stop may run its `finally`; then its app is deleted. */
  readonly stopMaxMs: number
  readonly reconcileMs: number
  readonly sweepMs: number
  readonly sweepHookedMs: number
  readonly sweepsMax: number
}

/** What all SQLite adapters share. */
export interface Store {
  readonly db: Database
  readonly keys: Keys
  readonly settings: StoreSettings
  readonly bells: Bells
  readonly hub: Hub
  /** Since when this controller serves, in ms: what happened before it may have been for want of it. */
  readonly upSinceMs: number
  readonly log: Log
}

/** A command under way: all of it is committed, or nothing. */
export interface Tx extends Omit<Store, 'hub' | 'bells'>, Touched {
  /** The moment of the command, in ms. */
  readonly now: number
  /** Rings this bell after the commit. */
  ring(name: string): void
}

/** The durable commands, by the names of their crash points. */
export type Command =
  | 'register'
  | 'unregister'
  | 'deliver'
  | 'look'
  | 'observe'
  | 'resolve'
  | 'start'
  | 'take'
  | 'renew'
  | 'release'
  | 'placed'
  | 'reconciled'
  | 'claim'
  | 'seen'
  | 'bundle'
  | 'events'
  | 'output'
  | 'result'
  | 'ended'
  | 'watch'
  | 'removed'
  | 'publish'
  | 'kill'
  | 'retrigger'
  | 'tidy'
  | 'secret'
  | 'token'
  | 'settings'

/**
 * Runs one command in one transaction. What it touched becomes events in the same transaction; followers and waiters
 * hear of it after the commit, so that nobody acts on what may be gone after a crash.
 */
export function write<T>(store: Store, command: Command, now: Date, work: (tx: Tx) => T): T {
  const { db, keys, settings, log, hub, bells, upSinceMs } = store
  const rung = new Set<string>()
  const touched = createTouched()
  const tx: Tx = {
    db,
    keys,
    settings,
    log,
    upSinceMs,
    now: now.getTime(),
    ring: (name) => void rung.add(name),
    ...touched.touch,
  }
  const { result, events } = db.transaction(() => {
    const result = work(tx)
    const events = touched.record(db)
    crashPoint(`${command}.before-commit`)
    return { result, events }
  })
  crashPoint(`${command}.after-commit`)
  if (events.length > 0) hub.publish(events)
  for (const name of rung) bells.ring(name)
  return result
}
