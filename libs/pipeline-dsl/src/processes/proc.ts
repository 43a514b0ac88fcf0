import { readdirSync, readFileSync } from 'node:fs'

// proc(5). Everything here is read synchronously: one file is 15 µs, a promise for it would cost more.
const readProc = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // It ended meanwhile, or belongs to somebody else.
  }
}

/** Process ids that exist right now. */
export function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => name.charCodeAt(0) >= 49 && name.charCodeAt(0) <= 57)
    .map(Number)
}

/** The environment a process was started with, entries ended by NUL. Empty for a zombie. */
export const environOf = (pid: number): string => readProc(`/proc/${pid}/environ`)

export interface Kinship {
  readonly parent: number
  readonly session: number
  readonly isZombie: boolean
}

/** Parent and session of a process; `undefined` when there is none. The name in the second field may hold anything. */
export function findKinship(pid: number): Kinship | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields.length < 4) return undefined
  return { parent: Number(fields[1]), session: Number(fields[3]), isZombie: fields[0] === 'Z' }
}

/** Where the kernel's numbering stands: the last pid given, and how many processes were ever started. */
export interface PidMark {
  readonly lastPid: number
  readonly forks: number
}

export function pidMark(): PidMark {
  const lastPid = Number(readProc('/proc/loadavg').trim().split(' ').at(-1))
  const forks = Number(/^processes (\d+)/m.exec(readProc('/proc/stat'))?.[1])
  return { lastPid, forks }
}

// Pids are given in order and start again at the top; no kernel's top is below this.
const forksMax = 30_000

/**
 * Processes that may have been started since `since`. Usually a handful instead of all: pids are given in order,
 * so those between two marks are enough, unless the numbering may have gone round or is not to be believed.
 */
export function listPidsSince(since: PidMark): number[] {
  const now = pidMark()
  const inOrder = now.forks - since.forks < forksMax && now.lastPid > since.lastPid
  const pids = listPids()
  return inOrder ? pids.filter((pid) => pid > since.lastPid && pid <= now.lastPid) : pids
}

/** `mark`, taken just before the process `pid` was started. Some containers show numbers that are not their own: then all are looked at. */
export function checkedMark(mark: PidMark, pid: number | undefined): PidMark {
  const isTrue = pid !== undefined && pid > mark.lastPid
  return { ...mark, lastPid: isTrue ? pid - 1 : Number.POSITIVE_INFINITY }
}
