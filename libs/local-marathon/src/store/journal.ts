import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crashPoint } from '@baton/service-kit/crash'

/** One change of one record. A `null` value means the record is gone. */
export type Change = readonly [key: string, value: unknown]

/** What the journal held. */
export interface Replay {
  readonly records: Map<string, unknown>
  /** Its end was torn by a crash. */
  readonly torn: boolean
  /** Whole lines that mean nothing to this server. */
  readonly strange: readonly string[]
}

/** Reads every whole line; one that a crash tore in half was never acknowledged, so it is left out. */
export async function readJournal(path: string): Promise<Replay> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const records = new Map<string, unknown>()
  const strange: string[] = []
  const lines = text.split('\n')
  const end = lines.pop() ?? ''
  for (const line of lines) {
    const changes = line === '' ? [] : readLine(line)
    if (changes) take(records, changes)
    else strange.push(line)
  }
  // Whole but for its newline: it may count, though nobody was told that it does.
  take(records, readLine(end) ?? [])
  return { records, torn: end !== '', strange }
}

function take(records: Map<string, unknown>, changes: readonly Change[]): void {
  for (const [key, value] of changes) {
    if (value === null) records.delete(key)
    else records.set(key, value)
  }
}

function readLine(line: string): Change[] | undefined {
  try {
    const changes: unknown = JSON.parse(line)
    // The first servers wrote one change to a line.
    if (isChange(changes)) return [changes]
    return Array.isArray(changes) && changes.every(isChange) ? changes : undefined
  } catch {
    return undefined
  }
}

function isChange(value: unknown): value is Change {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string'
}

/** Writes all records to a fresh journal in one step: a crash leaves the old one or the new one, never half of one. */
export async function rewriteJournal(path: string, records: ReadonlyMap<string, unknown>): Promise<FileHandle> {
  const next = `${path}.next`
  await rm(next, { force: true })
  const handle = await open(next, 'a', 0o600)
  await handle.appendFile([...records].map((change) => toLine([change])).join(''))
  await handle.sync()
  crashPoint('local-marathon.store.before-rename')
  await rename(next, path)
  await syncFolder(dirname(path))
  return handle
}

/** Changes that belong together stand in one line: it is whole or torn, so they hold all or not at all. */
export function toLine(changes: Iterable<Change>): string {
  return `${JSON.stringify([...changes])}\n`
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
