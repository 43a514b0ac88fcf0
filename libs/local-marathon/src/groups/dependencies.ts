import { type Group, groupsAbove, isWithin } from './group.ts'

/** What an app looks like to the order of a deployment. */
export interface Dependent {
  readonly id: string
  readonly dependencies?: readonly string[]
}

/**
 * Which apps each app waits for: those it names, those of a group it names, and those that the groups around it depend
 * on. Names of nothing are ignored, as in Marathon.
 */
export function dependencyGraph(
  apps: readonly Dependent[],
  groups: ReadonlyMap<string, Group>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const ids = new Set(apps.map((app) => app.id))
  const appsUnder = (groupId: string) => [...ids].filter((id) => isWithin(id, groupId))
  const named = (id: string) => (ids.has(id) ? [id] : groups.has(id) ? appsUnder(id) : [])
  return new Map(
    apps.map((app) => {
      const ofGroups = groupsAbove(app.id).flatMap((id) => groups.get(id)?.dependencies ?? [])
      return [app.id, new Set([...(app.dependencies ?? []).flatMap(named), ...ofGroups.flatMap(named)])]
    }),
  )
}

/**
 * How many apps stand in a row before each one, itself included: apps of the same depth may be changed side by side.
 * `undefined` when the dependencies form a circle.
 */
export function depths(graph: ReadonlyMap<string, ReadonlySet<string>>): Map<string, number> | undefined {
  const found = new Map<string, number>()
  const open = new Set<string>()

  function visit(id: string): number | undefined {
    const known = found.get(id)
    if (known !== undefined) return known
    if (open.has(id)) return undefined
    open.add(id)
    let depth = 1
    for (const other of graph.get(id) ?? []) {
      const below = visit(other)
      if (below === undefined) return undefined
      depth = Math.max(depth, below + 1)
    }
    open.delete(id)
    found.set(id, depth)
    return depth
  }

  for (const id of graph.keys()) if (visit(id) === undefined) return undefined
  return found
}
