import type { FileHandle } from 'node:fs/promises'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { crashPoint } from '@baton/service-kit/crash'
import type { Log } from '@baton/service-kit/log'
import { readJournal, rewriteJournal, toLine } from './journal.ts'
import { setAside } from './set-aside.ts'

/** Below this size the journal is not worth rewriting. */
const compactAboveBytes = 4 * 1024 * 1024
/** A full disk is tried again after this; callers wait, nothing is acknowledged meanwhile. */
const retryMs = 500
/** How long a caller waits for the disk before it is told no. */
const durableWaitMs = 10_000

/**
 * Records on disk, by key. Writes of the same moment share one sync, so a hundred starts cost a few syncs.
 * `set` is immediate in memory; only after `durable` resolved may anybody be told.
 */
export interface Store {
  /** Every record under `prefix`. */
  list(prefix: string): [key: string, value: unknown][]
  /** Notes a change; `null` removes the record. It is put into words when it is written: repeats of one moment count once. */
  set(key: string, value: unknown): void
  /** Resolves once everything set so far survives a crash. Rejects if the disk refuses for too long. */
  durable(): Promise<void>
  close(): Promise<void>
}

/** Opens `dataDir/state.jsonl`, created when missing. A torn end is cut off and logged. */
export async function openStore(dataDir: string, log: Log): Promise<Store> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, 'state.jsonl')
  const { records, torn, strange } = await readJournal(path)
  if (torn) log.warn({ path }, 'the state file ended in a torn line; it was never acknowledged and is left out')
  if (strange.length > 0) {
    const aside = setAside(dataDir, strange)
    log.warn({ path: aside, count: strange.length }, 'lines of the state file that could not be read were set aside')
  }
  const handle = await rewriteJournal(path, records)
  return new JournalStore(path, records, handle, log)
}

class JournalStore implements Store {
  readonly #path: string
  readonly #records: Map<string, unknown>
  readonly #log: Log
  #handle: FileHandle
  #pending = new Map<string, unknown>()
  #bytes = 0
  #writing: Promise<void> | undefined
  #next: Promise<void> | undefined
  #isClosed = false

  constructor(path: string, records: Map<string, unknown>, handle: FileHandle, log: Log) {
    this.#path = path
    this.#records = records
    this.#handle = handle
    this.#log = log
  }

  list(prefix: string): [string, unknown][] {
    return [...this.#records].filter(([key]) => key.startsWith(prefix))
  }

  set(key: string, value: unknown): void {
    if (value === null) this.#records.delete(key)
    else this.#records.set(key, value)
    this.#pending.set(key, value)
    void this.#schedule().catch(() => undefined)
  }

  async durable(): Promise<void> {
    if (this.#pending.size === 0 && this.#writing === undefined) return
    const written = this.#pending.size === 0 ? this.#writing : this.#schedule()
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the state could not be written to disk in time')), durableWaitMs)
    })
    await Promise.race([written, tooLong]).finally(() => clearTimeout(timer))
  }

  async close(): Promise<void> {
    await this.durable().catch((error: unknown) => this.#log.error({ err: error }, 'the last state was not written'))
    this.#isClosed = true
    await this.#handle.close()
  }

  /** The write that will carry what is pending now: the next one, since the running one has taken its lines already. */
  #schedule(): Promise<void> {
    this.#next ??= (this.#writing ?? aMoment()).then(() => {
      this.#next = undefined
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
      })
      return this.#writing
    })
    return this.#next
  }

  async #write(): Promise<void> {
    const lines = toLine(this.#pending)
    this.#pending.clear()
    crashPoint('local-marathon.store.before-append')
    for (let prefix = ''; !this.#isClosed; prefix = '\n') {
      try {
        // After a failed try a line may be half there: a newline in front keeps the repeat readable.
        await this.#handle.appendFile(prefix + lines)
        await this.#handle.datasync()
        break
      } catch (error) {
        this.#log.error({ err: error, path: this.#path }, 'the state could not be written; trying again')
        await new Promise((resolve) => setTimeout(resolve, retryMs))
      }
    }
    crashPoint('local-marathon.store.after-append')
    this.#bytes += lines.length
    if (this.#bytes > compactAboveBytes) await this.#compact()
  }

  async #compact(): Promise<void> {
    const old = this.#handle
    try {
      this.#handle = await rewriteJournal(this.#path, this.#records)
      this.#bytes = 0
      await old.close()
    } catch (error) {
      this.#log.error({ err: error, path: this.#path }, 'the state file could not be made smaller; it grows on')
    }
  }
}

/** Two turns of the event loop: what a change sets off at once (an app: its instance, its first task) shares its sync. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
