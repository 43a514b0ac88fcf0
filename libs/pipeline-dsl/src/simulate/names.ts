import { errors } from '../errors.ts'
import { flatten, type Plan, type Planned } from '../tree/plan.ts'

/** Finds nodes by the names that people use: `test`, or `verify/test` where there is more than one. */
export interface Names {
  /** @throws STEP_UNKNOWN, naming those there are */
  idOf(name: string): string
  /** The shortest name that is this one's alone. */
  nameOf(id: string): string
}

/** Names of all nodes of a plan. */
export function createNames(plan: Plan): Names {
  const paths = new Map<string, string>()
  const add = (nodes: readonly Planned[], before: string): void => {
    for (const { id, node, children, finally: last } of nodes) {
      paths.set(id, before + node.name)
      add([...children, ...last], `${before}${node.name}/`)
    }
  }
  add([...plan.children, ...plan.finally], '')
  const all = flatten([...plan.children, ...plan.finally]).map(({ id, node }) => ({
    id,
    name: node.name,
    path: paths.get(id) ?? '',
  }))
  const counts = new Map<string, number>()
  for (const { name } of all) counts.set(name, (counts.get(name) ?? 0) + 1)
  const byName = new Map<string, string>()
  for (const { id, name, path } of all) {
    if (counts.get(name) === 1) byName.set(name, id)
    byName.set(path, id)
  }
  return {
    idOf(name) {
      const id = byName.get(name)
      if (id !== undefined) return id
      const same = all.filter((one) => one.name === name).map(({ path }) => path)
      throw errors.STEP_UNKNOWN({
        step: name,
        steps: (same.length > 0 ? same : all.map(({ path }) => path)).slice(0, 20).join(', '),
      })
    },
    nameOf(id) {
      const path = paths.get(id) ?? id
      const name = path.slice(path.lastIndexOf('/') + 1)
      return counts.get(name) === 1 ? name : path
    },
  }
}
