import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/**
 * A folder below `dir` that no other living process has: mirrors may be fetched into by one process only. The folder's
 * name is its owner, and a rename decides who takes over that of a dead one, with all that was fetched.
 * @returns the path of the folder
 */
export function claimFolder(dir: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const mine = join(dir, ownerName(process.pid, startOf(process.pid)))
  for (const name of readdirSync(dir)) {
    if (join(dir, name) === mine) return mine
    if (!isDead(name)) continue
    try {
      renameSync(join(dir, name), mine)
      return mine
    } catch {
      // another one was quicker
    }
  }
  mkdirSync(mine, { mode: 0o700 })
  return mine
}

const host = hostname()
  .replace(/[^\w.-]/g, '_')
  .slice(0, 60)

function ownerName(pid: number, start: string): string {
  return `${host}@${pid}-${start}`
}

function isDead(name: string): boolean {
  const match = /^(.+)@(\d+)-(\d+)$/.exec(name)
  return match !== null && match[1] === host && startOf(Number(match[2])) !== match[3]
}

/** When a process started, in clock ticks since boot (field 22 of /proc/PID/stat); '0' if there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in brackets may hold spaces; what follows its last bracket does not.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}
