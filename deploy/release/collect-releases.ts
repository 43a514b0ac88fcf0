import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What is younger may just be made by somebody, or be about to be rolled: both take seconds. */
const youngMs = 600_000

/**
 * Removes releases that are not in `kept` (by digest), with what points at them, and drafts that a killed process left.
 * What is young stays.
 * @returns the digests that were removed
 */
export async function collectReleases(dir: string, kept: ReadonlySet<string>, now: Date): Promise<string[]> {
  const removed: string[] = []
  for (const name of await readdir(dir)) {
    const path = join(dir, name)
    const isYoung = now.getTime() - (await stat(path)).mtimeMs < youngMs
    if (isYoung || kept.has(await releaseOf(path, name))) continue
    await rm(path, { recursive: true, force: true })
    if (!name.includes('-')) removed.push(name)
  }
  return removed
}

/** The digest that a file or folder here is about. */
async function releaseOf(path: string, name: string): Promise<string> {
  return name.startsWith('inputs-') ? (await readFile(path, 'utf8')).trim() : name
}
