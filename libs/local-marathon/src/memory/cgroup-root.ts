import { mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A control group of this server, in which each task gets one of its own. */
export interface CgroupRoot {
  readonly version: 1 | 2
  readonly dir: string
}

interface Hierarchy {
  readonly version: 1 | 2
  /** The group that this process is in, as a folder. */
  readonly own: string
}

/**
 * Makes a group below which tasks can be limited, and tries it. Version 2 wants it beside this process and not below
 * it, as a group with processes hands no controllers down. @returns why not, where nothing can be made
 */
export function makeCgroupRoot(name: string, procSelf = '/proc/self'): CgroupRoot | { readonly problem: string } {
  const problems: string[] = []
  for (const { version, own } of listHierarchies(procSelf)) {
    const parents = version === 1 ? [own] : [own, dirname(own)]
    for (const parent of parents) {
      try {
        return tryRoot({ version, dir: join(parent, name) })
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  return { problem: problems.at(-1) ?? 'no control groups are mounted' }
}

function tryRoot(root: CgroupRoot): CgroupRoot {
  mkdirSync(root.dir, { recursive: true })
  try {
    if (root.version === 2) handDownMemory(root.dir)
    const trial = join(root.dir, 'trial')
    mkdirSync(trial, { recursive: true })
    try {
      statSync(join(trial, limitFile[root.version]))
    } finally {
      rmdirSync(trial)
    }
    return root
  } catch (error) {
    rmdirSync(root.dir)
    throw error
  }
}

function handDownMemory(dir: string): void {
  for (const one of [dirname(dir), dir]) {
    const file = join(one, 'cgroup.subtree_control')
    if (!readFileSync(file, 'latin1').split(/\s+/).includes('memory')) writeFileSync(file, '+memory')
  }
}

export const limitFile = { 1: 'memory.limit_in_bytes', 2: 'memory.max' } as const

/** Where the memory of this process is accounted. Version 1 comes first: where it has the controller, version 2 has not. */
function listHierarchies(procSelf: string): Hierarchy[] {
  const memberships = lines(join(procSelf, 'cgroup')).map((line) => line.split(':'))
  return lines(join(procSelf, 'mountinfo'))
    .flatMap((line): Hierarchy[] => {
      const [front = '', back = ''] = line.split(' - ')
      const [, , , mountRoot = '/', mountPoint = ''] = front.split(' ')
      const [type, , options = ''] = back.split(' ')
      const is1 = type === 'cgroup' && options.split(',').includes('memory')
      if (!is1 && type !== 'cgroup2') return []
      const path = memberships.find(([, controllers = '']) =>
        is1 ? controllers.split(',').includes('memory') : controllers === '',
      )?.[2]
      if (path === undefined) return []
      const below = mountRoot !== '/' && path.startsWith(mountRoot) ? path.slice(mountRoot.length) : path
      return [{ version: is1 ? 1 : 2, own: join(mountPoint, below) }]
    })
    .sort((a, b) => a.version - b.version)
}

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}
