import { createHash, randomUUID } from 'node:crypto'
import { access, constants, copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { download } from './download.ts'
import type { FetchPlace } from './fetch-all.ts'

/** Copies from the cache, filling it first. Like Mesos: one entry for each account and address, never refreshed. */
export async function copyCached(uri: string, target: string, place: FetchPlace): Promise<void> {
  await mkdir(place.cacheDir, { recursive: true, mode: 0o700 })
  const name = createHash('sha256').update(`${place.account.name}\n${uri}`).digest('hex')
  const entry = join(place.cacheDir, name)
  if (!(await exists(entry))) await fillEntry(uri, entry, place.signal)
  await copyFile(entry, target, constants.COPYFILE_FICLONE)
}

/** Two that fill the same entry both win: the later rename replaces equal content. */
async function fillEntry(uri: string, entry: string, signal: AbortSignal): Promise<void> {
  const part = `${entry}.${randomUUID()}`
  try {
    await download(uri, part, signal)
    await rename(part, entry)
  } finally {
    await rm(part, { force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
