import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { create } from 'tar'
import { digestOfBytes, listFiles } from './digest.ts'

const epoch = new Date(0)
/** Nobody's name, no clock, no umask: only paths and contents are left to tell two archives apart. */
const nobodysEntry = { portable: true, mtime: epoch, strict: true } as const

/**
 * Packs the folder `name` below `root` into the .tgz `file`. The same content gives the same bytes on any day and for
 * any account, so that the digest changes with the content only.
 * @returns SHA-256 of the file
 */
export async function packFolder(root: string, name: string, file: string): Promise<string> {
  const files = await listFiles(root, [name])
  const chunks: Buffer[] = []
  const archive = create({ ...nobodysEntry, cwd: root, onWriteEntry: evenMode }, files)
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  const bytes = await promisify(gzip)(Buffer.concat(chunks), { level: 6 })
  await writeFile(file, bytes)
  return digestOfBytes(bytes)
}

/** Whoever unpacked the checkout may have had another umask. */
function evenMode(entry: { stat?: { mode: number } | undefined }): void {
  if (entry.stat !== undefined) entry.stat.mode = entry.stat.mode & 0o100 ? 0o100755 : 0o100644
}
