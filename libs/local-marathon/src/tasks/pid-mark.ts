import { readdirSync, readFileSync } from 'node:fs'

/** Where the kernel's numbering of processes stands: the last number given, and how many processes were ever started. */
export interface PidMark {
  readonly lastPid: number
  readonly forks: number
}

/** Numbers are given in order and begin again at the top; no kernel's top is below this. */
const forksMax = 30_000

/** Where it stands now. What cannot be read is NaN: nothing is known to be older then. */
export function readPidMark(): PidMark {
  const lastPid = Number(read('/proc/loadavg').trim().split(' ').at(-1))
  const forks = Number(/^processes (\d+)/m.exec(read('/proc/stat'))?.[1])
  return { lastPid, forks }
}

/** `mark`, if it was taken just before the process `pid` was started. Some containers show numbers that are not their own. */
export function checkMark(mark: PidMark, pid: number | undefined): PidMark | undefined {
  return pid !== undefined && pid > mark.lastPid ? mark : undefined
}

/** All processes but those that are older than `since` for sure: usually a handful, where all would be hundreds. */
export function listPids(since: PidMark | undefined): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  if (since === undefined) return pids
  const now = readPidMark()
  const inOrder = now.forks - since.forks < forksMax && now.lastPid > since.lastPid
  return inOrder ? pids.filter((pid) => pid > since.lastPid) : pids
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
