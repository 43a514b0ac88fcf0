import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** A process as it can be told from a later one with the same number. */
export interface ProcessMark {
  readonly pid: number
  /** Start time in clock ticks since the machine's boot: field 22 of /proc/PID/stat. */
  readonly startTicks: string
}

/** The mark of a running process; `undefined` if there is none, or if it only waits to be buried (a zombie). */
export function findProcess(pid: number): ProcessMark | undefined {
  try {
    // The command in parentheses may hold blanks and parentheses itself: fields are counted from the last one.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, startTicks] = [fields[0], fields[19]]
    return startTicks === undefined || state === 'Z' ? undefined : { pid, startTicks }
  } catch {
    return undefined
  }
}

export function isAlive(mark: ProcessMark): boolean {
  return findProcess(mark.pid)?.startTicks === mark.startTicks
}

/** Sends `signal` to exactly that process; a process that is gone is no error. */
export function signalProcess(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!isAlive(mark)) return
  try {
    process.kill(mark.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const lookMs = 50

/** Waits until the process is gone. @returns whether it is, after at most `limitMs` */
export async function waitUntilGone(mark: ProcessMark, limitMs: number): Promise<boolean> {
  const until = performance.now() + limitMs
  while (isAlive(mark)) {
    if (performance.now() >= until) return false
    await wait(lookMs)
  }
  return true
}
