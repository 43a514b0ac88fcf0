import { lstatSync, opendirSync } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'

const blockBytes = 512

/** What a folder takes of the disk; nothing if that was not to be seen within `limitMs`, or something in it vanished. */
export function findFolderSize(path: string, limitMs: number): number | undefined {
  const until = performance.now() + limitMs
  const folders = [path]
  let bytes = 0
  try {
    for (const folder of folders) {
      const entries = opendirSync(folder)
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        const one = join(folder, entry.name)
        if (entry.isDirectory()) folders.push(one)
        bytes += lstatSync(one).blocks * blockBytes
        if (performance.now() > until) return entries.closeSync() ?? undefined
      }
      entries.closeSync()
    }
    return bytes
  } catch {
    return undefined
  }
}

/** The same without holding anything up, one file after the other. What vanishes meanwhile does not count. */
export async function readFolderSize(path: string): Promise<number> {
  const folders = [path]
  let bytes = 0
  for (const folder of folders) {
    const entries = await opendir(folder).catch(() => [])
    for await (const entry of entries) {
      const one = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(one)
      bytes += (await lstat(one).catch(() => ({ blocks: 0 }))).blocks * blockBytes
    }
  }
  return bytes
}
