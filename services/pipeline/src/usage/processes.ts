import { readFileSync } from 'node:fs'

const ticksPerSecond = 100
const processesMax = 500

/** What this process and all that it started and waited for have had of the CPU, in seconds (proc(5), /proc/[pid]/stat). */
export function readCpuSeconds(): number {
  const stat = readProc('self/stat')
  // The name, in brackets, may have blanks. Behind it: utime, stime, and those of children that were waited for.
  const ticks = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
  if (ticks.length === 4) return ticks.reduce((sum, one) => sum + Number(one), 0) / ticksPerSecond
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The memory of this process and of all that descend from it, right now. */
export function readMemoryBytes(): number {
  const pids = [process.pid]
  let bytes = 0
  for (let at = 0; at < pids.length && at < processesMax; at += 1) {
    const pid = pids[at]
    bytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(`${pid}/status`))?.[1] ?? 0) * 1024
    const children = readProc(`${pid}/task/${pid}/children`).trim()
    if (children !== '') pids.push(...children.split(' ').map(Number))
  }
  return bytes || process.memoryUsage.rss()
}

/** Empty for a process that is gone, and where there is no /proc. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch {
    return ''
  }
}
