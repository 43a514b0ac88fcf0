import { createHash, type Hash } from 'node:crypto'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const filesMax = 20_000

export const digestOfBytes = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Every file below `paths` (files or folders, relative to `root`), sorted, relative to `root`. An absent path has none. */
export async function listFiles(root: string, paths: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) await collect(root, path, found)
  return found.sort()
}

async function collect(root: string, path: string, found: string[]): Promise<void> {
  const stat = await lstat(join(root, path)).catch(() => undefined)
  if (stat?.isFile()) found.push(path)
  if (!stat?.isDirectory()) return
  for (const name of await readdir(join(root, path))) await collect(root, join(path, name), found)
  if (found.length > filesMax) throw new Error(`more than ${filesMax} files below ${root}`)
}

/** SHA-256 over names and contents of these files, relative to `root`: the same content has the same digest anywhere. */
export async function digestOfFiles(root: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) await addFile(hash, root, file)
  return hash.digest('hex')
}

async function addFile(hash: Hash, root: string, file: string): Promise<void> {
  const content = await readFile(join(root, file))
  hash.update(`${file}\0${content.length}\0`).update(content)
}
