import { errors } from '../errors.ts'
import type { PlannedStep } from '../tree/plan.ts'

/** Finds nodes by the names that people use: `test`, or `verify/test` where there is more than one. */
export interface Names {
  /** What there is now: a tree may grow. */
  learn(steps: readonly PlannedStep[]): void
  /** @throws STEP_UNKNOWN, naming those there are */
  idOf(name: string): string
  /** Every name that means this one. */
  namesOf(id: string): string[]
  /** The shortest of them. */
  nameOf(id: string): string
}

const parentOf = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf('.')))

export function createNames(): Names {
  let paths = new Map<string, string>()
  /** By name and by path; those that mean several are left out. */
  let ids = new Map<string, string>()

  function learn(steps: readonly PlannedStep[]): void {
    paths = new Map()
    for (const { id, name } of steps) {
      const parent = paths.get(parentOf(id))
      paths.set(id, parent === undefined ? name : `${parent}/${name}`)
    }
    const counts = new Map<string, number>()
    for (const { name } of steps) counts.set(name, (counts.get(name) ?? 0) + 1)
    ids = new Map(steps.filter(({ name }) => counts.get(name) === 1).map(({ id, name }) => [name, id]))
    for (const [id, path] of paths) ids.set(path, id)
  }

  function namesOf(id: string): string[] {
    const path = paths.get(id) ?? id
    const name = path.slice(path.lastIndexOf('/') + 1)
    return ids.get(name) === id && name !== path ? [name, path] : [path]
  }

  function idOf(name: string): string {
    const id = ids.get(name)
    if (id !== undefined) return id
    const all = [...paths.values()]
    const same = all.filter((path) => path.endsWith(`/${name}`))
    throw errors.STEP_UNKNOWN({ step: name, steps: (same.length > 0 ? same : all).slice(0, 20).join(', ') })
  }
  return { learn, idOf, namesOf, nameOf: (id) => namesOf(id)[0] ?? id }
}
