import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crashPoint } from '@baton/service-kit/crash'

/** One change of one record. A `null` value means the record is gone. */
export type Change = readonly [key: string, value: unknown]

/** What the journal held, and whether its end was torn by a crash. */
export interface Replay {
  readonly records: Map<string, unknown>
  readonly bytes: number
  readonly torn: boolean
}

/** Reads every complete line; a line that a crash tore in half was never acknowledged, so it is left out. */
export async function readJournal(path: string): Promise<Replay> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const records = new Map<string, unknown>()
  let torn = false
  for (const line of text.split('\n')) {
    if (line === '') continue
    const change = readLine(line)
    if (change === undefined) torn = true
    else if (change[1] === null) records.delete(change[0])
    else records.set(change[0], change[1])
  }
  return { records, bytes: Buffer.byteLength(text), torn: torn || (text !== '' && !text.endsWith('\n')) }
}

function readLine(line: string): Change | undefined {
  try {
    const change: unknown = JSON.parse(line)
    if (Array.isArray(change) && change.length === 2 && typeof change[0] === 'string') return [change[0], change[1]]
  } catch {
    // Not JSON: torn, see above.
  }
  return undefined
}

/** Writes all records to a fresh journal in one step: a crash leaves the old one or the new one, never half of one. */
export async function rewriteJournal(path: string, records: ReadonlyMap<string, unknown>): Promise<FileHandle> {
  const next = `${path}.next`
  await rm(next, { force: true })
  const handle = await open(next, 'a', 0o600)
  await handle.appendFile([...records].map(toLine).join(''))
  await handle.sync()
  crashPoint('local-marathon.store.before-rename')
  await rename(next, path)
  await syncFolder(dirname(path))
  return handle
}

export function toLine(change: Change): string {
  return `${JSON.stringify(change)}\n`
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}
