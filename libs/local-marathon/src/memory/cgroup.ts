import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CgroupRoot, limitFile } from './cgroup-root.ts'

/** Makes the group of one task. Where the kernel can end it as a whole, it does. */
export function makeGroup({ version, dir }: CgroupRoot, taskId: string, limitBytes: number): string {
  const group = join(dir, taskId)
  mkdirSync(group, { recursive: true })
  writeFileSync(join(group, limitFile[version]), String(limitBytes))
  if (version === 2) writeFileSync(join(group, 'memory.oom.group'), '1')
  return group
}

/** A task that forks faster than its processes are brought in is not chased for ever. */
const passesMax = 20

/**
 * Brings every process of a task into its group; what those start later is in it by itself. Each takes the kernel some
 * 10 ms, in which it waits for all processors, so this goes on beside the task and does not hold its start.
 */
export async function bringIn(group: string, list: () => Promise<readonly number[]>): Promise<void> {
  const file = join(group, 'cgroup.procs')
  for (let pass = 0; pass < passesMax; pass++) {
    const inside = new Set(read(file).split('\n'))
    const outside = (await list()).filter((pid) => !inside.has(String(pid)))
    if (outside.length === 0) return
    // Older ones first: they may be starting others. One that ended meanwhile needs no place.
    for (const pid of outside.sort((a, b) => a - b)) await writeFile(file, String(pid)).catch(() => undefined)
  }
}

/** How many processes of the group the kernel ended because of its limit. */
export function countKilled(group: string): number {
  const text = read(join(group, 'memory.events')) || read(join(group, 'memory.oom_control'))
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0)
}

/** The most that it ever had, as far as this kernel says. */
export function readPeak(group: string): number | undefined {
  const text = read(join(group, 'memory.peak')) || read(join(group, 'memory.max_usage_in_bytes'))
  return text === '' ? undefined : Number(text)
}

/** Removes a group without processes; false: some are not reaped yet. One that is gone is removed. */
export function removeGroup(group: string): boolean {
  try {
    rmdirSync(group)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/** Removes what an earlier server left below `root`: groups with processes stay by themselves. */
export function removeEmptyGroups({ dir }: CgroupRoot): void {
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) removeGroup(join(dir, entry.name))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
