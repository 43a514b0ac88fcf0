import { readFileSync } from 'node:fs'
import { dataFolder } from '../../deploy/local/data-folder.ts'
import { listProcessesOfPlatform } from '../platform/left-behind.ts'
import type { Process } from '../platform/processes.ts'
import type { StartedPlatform } from '../platform/start-platform.ts'

export interface Memory {
  readonly mb: number
  /** By what each process is, in MB. */
  readonly parts: ReadonlyMap<string, number>
}

/**
 * The memory of all processes of a platform, its supervisor, its Marathon and whatever runs just then included. PSS: a page
 * that several share counts once, in parts. @throws when a process is somebody else's, as the sum would be too small
 */
export function readMemory({ folders, file }: StartedPlatform): Memory {
  const dirs = [folders.root, file.openDir, dataFolder(folders.data).root]
  const parts = new Map<string, number>()
  for (const process of listProcessesOfPlatform({ dirs, installation: file.installation })) {
    const name = nameOf(process)
    parts.set(name, (parts.get(name) ?? 0) + pssMb(process.pid))
  }
  return { mb: [...parts.values()].reduce((sum, mb) => sum + mb, 0), parts }
}

/** The memory of one process: `Pss:   12345 kB`, as the kernel sums it up. One that ended meanwhile has none. */
export function pssMb(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1000
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return 0
    throw error
  }
}

/** The bundle that a Node process runs, or the program's own name. */
function nameOf({ command }: Process): string {
  const bundle = /([\w-]+)\.[cm]js\b/.exec(command)?.[1]
  return bundle ?? command.split(' ')[0]?.split('/').at(-1) ?? 'unknown'
}
