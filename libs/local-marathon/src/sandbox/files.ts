import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Readable } from 'node:stream'
import { Refusal } from '../http/refusal.ts'
import type { Settings } from '../settings.ts'

const virtualPath = /^\/frameworks\/[^/]+\/executors\/([^/]+)\/runs\/[^/]+(\/.*)?$/
/** More names than this are not listed. */
const namesMax = 10_000

/**
 * The real path behind what a client names: the sandbox path of a task, or the virtual path that Mesos has for it,
 * `/frameworks/F/executors/TASK/runs/latest/...`. Nothing outside the sandboxes is ever found, links included.
 */
export async function resolveSandboxPath(settings: Settings, named: string): Promise<string | undefined> {
  const virtual = virtualPath.exec(named)
  const wanted = virtual ? join(settings.sandboxDir, virtual[1] ?? '', virtual[2] ?? '') : named
  try {
    const root = await realpath(settings.sandboxDir)
    const real = await realpath(wanted)
    if (!real.startsWith(root + sep)) return undefined
    // A link may lead to another task's sandbox: one task must not hand out another's files.
    const [own = ''] = real.slice(root.length + 1).split(sep)
    return wanted.split(sep).includes(own) ? real : undefined
  } catch {
    return undefined
  }
}

/** The entries of a folder, with their sizes. */
export async function browse(path: string) {
  if (!(await stat(path)).isDirectory()) return []
  const names = (await readdir(path)).sort().slice(0, namesMax)
  const entries = await Promise.all(names.map((name) => describe(join(path, name))))
  return entries.filter((entry) => entry !== undefined)
}

async function describe(path: string) {
  const found = await stat(path).catch(() => undefined)
  if (!found) return undefined
  return {
    path,
    size: found.size,
    mtime: Math.floor(found.mtimeMs / 1_000),
    mode: modeText(found.mode, found.isDirectory()),
    nlink: found.nlink,
    uid: String(found.uid),
    gid: String(found.gid),
  }
}

function modeText(mode: number, isFolder: boolean): string {
  const letters = [...'rwxrwxrwx'].map((letter, index) => (mode & (1 << (8 - index)) ? letter : '-'))
  return (isFolder ? 'd' : '-') + letters.join('')
}

/** A piece of a file as text; offset -1 asks how long it is. */
export async function readPiece(path: string, offset: number, length: number) {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    if (offset < 0) return { data: '', offset: size }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
    return { data: buffer.toString('utf8', 0, bytesRead), offset }
  } finally {
    await file.close()
  }
}

/** A piece of a file as a stream. Its length is fixed now, however the file grows. Close it if it is not streamed. */
export async function openRange(path: string, from: number, to: number) {
  const file = await openFile(path)
  const { size } = await file.stat()
  const end = Math.min(to, size - 1)
  const length = Math.max(0, end - from + 1)
  return {
    size,
    length,
    close: () => file.close(),
    stream() {
      if (length > 0) return file.createReadStream({ start: from, end })
      void file.close()
      return Readable.from([])
    },
  }
}

async function openFile(path: string) {
  if (!(await stat(path)).isFile()) throw new Refusal(400, { message: 'Cannot read a directory' })
  return open(path, 'r')
}
