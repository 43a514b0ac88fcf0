import { closeSync, constants, fchownSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../machine.ts'
import { isActive } from '../tasks/instance.ts'

/** How often the sizes are looked at. */
const lookMs = 10_000
const pieceBytes = 1024 * 1024

/**
 * Moves what a running task wrote into `stdout.1` (and `stderr.1`), one old file each, when it is larger than `bytesMax`.
 * The task goes on writing into the file that it holds: its last bytes are copied and cut off without a pause between.
 */
export async function rotateLogs(sandbox: string, bytesMax: number): Promise<string[]> {
  const rotated = []
  for (const name of ['stdout', 'stderr']) if (await rotate(join(sandbox, name), bytesMax)) rotated.push(name)
  return rotated
}

async function rotate(path: string, bytesMax: number): Promise<boolean> {
  const log = openOwn(path)
  if (log === undefined) return false
  try {
    if (fstatSync(log).size <= bytesMax) return false
    const next = `${path}.next`
    await rm(next, { force: true })
    await moveBytes(log, next)
    await rename(next, `${path}.1`)
    return true
  } finally {
    closeSync(log)
  }
}

/** The sandbox belongs to the task: a link in the place of the file would lead this server, which may be root, elsewhere. */
function openOwn(path: string): number | undefined {
  try {
    const file = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const found = fstatSync(file)
    if (found.isFile() && found.nlink === 1) return file
    closeSync(file)
    return undefined
  } catch {
    return undefined
  }
}

async function moveBytes(log: number, to: string): Promise<void> {
  const { mode, uid, gid } = fstatSync(log)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const copy = openSync(to, flags, mode & 0o777)
  try {
    if (process.getuid?.() === 0) fchownSync(copy, uid, gid)
    const piece = Buffer.allocUnsafe(pieceBytes)
    for (let at = 0; ; ) {
      const bytes = readSync(log, piece, 0, pieceBytes, at)
      if (bytes === 0) break
      writeSync(copy, piece, 0, bytes)
      at += bytes
      // Others have their turn while there is much to copy; from the last piece to the cut nobody has.
      if (bytes === pieceBytes) await new Promise((resolve) => setImmediate(resolve))
    }
    ftruncateSync(log, 0)
  } finally {
    closeSync(copy)
  }
}

/** Looks after the logs of all running tasks; 0 bytes means that they may grow without end. */
export function startRotating(machine: Machine): { stop(): void } {
  const { logBytesMax } = machine.settings
  if (logBytesMax === 0) return { stop: () => undefined }
  const timer = setInterval(async () => {
    for (const instance of [...machine.instances.values()].filter(isActive)) {
      const rotated = await rotateLogs(instance.task.sandbox, logBytesMax).catch((error: unknown) => {
        machine.log.warn({ err: error, taskId: instance.task.id }, 'logs were not rotated')
        return []
      })
      if (rotated.length > 0) machine.log.info({ taskId: instance.task.id, rotated }, 'logs rotated')
    }
  }, lookMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
