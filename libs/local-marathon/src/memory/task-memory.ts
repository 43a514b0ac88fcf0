import { readFileSync } from 'node:fs'

const pageBytes = 4_096

/**
 * What is certain to be a task's own, of all its processes: pages that no file stands behind. Shared libraries would
 * count once for each process, so they do not count at all. First a cheap sum, in which pages that a fork shares count
 * twice; only when that is too much, what the kernel sums up.
 */
export function ownBytes(pids: readonly number[], limitBytes: number): number {
  const most = sum(pids, (pid) => readStatm(pid))
  return most <= limitBytes ? most : sum(pids, (pid) => readRollup(pid))
}

const sum = (pids: readonly number[], read: (pid: number) => number) => pids.reduce((all, pid) => all + read(pid), 0)

/** `size resident shared ...`, in pages. */
function readStatm(pid: number): number {
  const [, resident = 0, shared = 0] = read(pid, 'statm').split(' ').map(Number)
  return (resident - shared) * pageBytes
}

/** Kernels since 5.4 say it by kind. */
function readRollup(pid: number): number {
  const text = read(pid, 'smaps_rollup')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
  return (kilobytes('Pss_Anon') + kilobytes('Pss_Shmem')) * 1_024
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return ''
  }
}
