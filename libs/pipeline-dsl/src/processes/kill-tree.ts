import { findKin, type Search } from './kin.ts'
import { listPids } from './proc.ts'

const pollMs = 20
/** Who does not end at once is looked for less often: each look reads all of /proc. */
const slowPollMs = 100
const quickMs = 300
const roundsMax = 50

/** Sends a signal; one that is gone already is fine. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // ESRCH: it ended. EPERM: it changed its user; nothing can be done from here.
  }
}

/**
 * Ends all processes of a search: SIGTERM, and SIGKILL for those that are still there after `graceMs`.
 * Those started meanwhile are found too. Resolves when none is left, or after the last round of SIGKILL.
 */
export async function endTree(search: Search, graceMs: number): Promise<void> {
  const told = new Set<number>()
  const endsAt = performance.now() + graceMs
  for (
    let nextMs = pollMs;
    performance.now() < endsAt;
    nextMs = endsAt - performance.now() > graceMs - quickMs ? pollMs : slowPollMs
  ) {
    const kin = findKin(search, listPids())
    if (kin.length === 0) return
    for (const pid of kin) if (!told.has(pid)) send(pid, 'SIGTERM')
    for (const pid of kin) told.add(pid)
    await pause(nextMs)
  }
  for (let round = 0; round < roundsMax; round += 1) {
    if (killNow(search, listPids()) === 0) return
    await pause(pollMs)
  }
}

/** Whether no process is left in a group. */
export function isGroupEmpty(leader: number): boolean {
  try {
    process.kill(-leader, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** SIGKILL to those of `pids` that belong to a search. @returns how many there were */
export function killNow(search: Search, pids: readonly number[]): number {
  const kin = findKin(search, pids)
  for (const pid of kin) send(pid, 'SIGKILL')
  return kin.length
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
