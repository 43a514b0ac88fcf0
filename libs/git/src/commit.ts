import type { ObjectReader } from './objects.ts'

/** A commit, as far as it matters here. */
export interface Commit {
  readonly id: string
  readonly tree: string
  readonly author: string
  readonly subject: string
  readonly message: string
}

/** Reads a commit object: headers, an empty line, the message. Bytes that are not UTF-8 become replacement characters. */
export function readCommit(id: string, bytes: Buffer): Commit {
  const text = bytes.toString('utf8')
  const split = text.indexOf('\n\n')
  const headers = split < 0 ? text : text.slice(0, split)
  const message = split < 0 ? '' : text.slice(split + 2)
  return {
    id,
    tree: /^tree ([0-9a-f]+)$/m.exec(headers)?.[1] ?? '',
    author: (/^author (.*?) ?<[^>\n]*>/m.exec(headers)?.[1] ?? '').slice(0, 200),
    subject: (message.trimStart().split('\n')[0] ?? '').trimEnd().slice(0, 500),
    message,
  }
}

/** The commit of this name, tags followed; `undefined` if there is none. */
export async function findCommit(objects: ObjectReader, name: string): Promise<Commit | undefined> {
  const found = await objects.find(`${name}^{commit}`)
  return found?.type === 'commit' ? readCommit(found.id, found.bytes) : undefined
}

export interface TreeEntry {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'module'
  readonly id: string
}

const kinds: Readonly<Record<string, TreeEntry['kind']>> = {
  '40000': 'folder',
  '120000': 'link',
  '160000': 'module',
}

/** Reads a tree object: `<mode> <name>\0<binary hash>`, again and again. */
export function readTree(bytes: Buffer, hashBytes: number, folder = ''): TreeEntry[] {
  const entries: TreeEntry[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const zero = bytes.indexOf(0, space)
    if (space < 0 || zero < 0) break
    const mode = bytes.toString('latin1', at, space)
    const path = folder + bytes.toString('utf8', space + 1, zero)
    entries.push({ path, kind: kinds[mode] ?? 'file', id: bytes.toString('hex', zero + 1, zero + 1 + hashBytes) })
    at = zero + 1 + hashBytes
  }
  return entries
}

/** Most entries of one listing. */
export const treeEntriesMax = 20_000

/**
 * What lies in a tree, folders walked only where `enter` says so.
 * @returns files, links and folders that were not entered, in Git's order
 */
export async function listTree(
  objects: ObjectReader,
  tree: string,
  enter: (folder: string) => boolean,
  folder = '',
): Promise<TreeEntry[]> {
  const found = await objects.find(tree)
  if (found?.type !== 'tree') return []
  const listed: TreeEntry[] = []
  for (const entry of readTree(found.bytes, tree.length / 2, folder)) {
    if (listed.length >= treeEntriesMax) break
    if (entry.kind === 'folder' && enter(entry.path)) {
      listed.push(...(await listTree(objects, entry.id, enter, `${entry.path}/`)))
    } else listed.push(entry)
  }
  return listed
}
