import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Mutex } from './mutex.ts'
import { normalUrl } from './url.ts'

const mutexes = new Map<string, Mutex>()

/** The folder of a repository's mirror: the same for all forms of its URL. */
export const mirrorName = (url: string): string =>
  `${createHash('sha256').update(normalUrl(url)).digest('hex').slice(0, 32)}.git`

/** What lets one fetch at a time into a mirror. */
export function mutexOf(gitDir: string): Mutex {
  const mutex = mutexes.get(gitDir) ?? new Mutex()
  mutexes.set(gitDir, mutex)
  return mutex
}

/**
 * Removes mirrors of repositories that nobody has registered any more: those that were not among `urls` the last time
 * either, so that one that is just being registered stays.
 * @param absentBefore what the last call returned
 * @returns the names of mirrors that are not among `urls` now
 */
export async function pruneMirrors(
  mirrorsDir: string,
  urls: readonly string[],
  absentBefore: ReadonlySet<string>,
): Promise<Set<string>> {
  const kept = new Set(urls.map(mirrorName))
  const absent = new Set<string>()
  for (const name of await readdir(mirrorsDir)) {
    if (!name.endsWith('.git') || kept.has(name)) continue
    const gitDir = join(mirrorsDir, name)
    if (absentBefore.has(name)) await mutexOf(gitDir).run(() => rm(gitDir, { recursive: true, force: true }))
    else absent.add(name)
  }
  return absent
}
