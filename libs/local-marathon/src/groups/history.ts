import { type AppVersion, versionsMax } from '../apps/app.ts'
import { keys, type Machine } from '../machine.ts'
import { type Group, isWithin, rootId } from './group.ts'

/** What one accepted change replaced. Undoing the changes one by one, newest first, gives every older state. */
export interface RootChange {
  readonly version: string
  readonly previousVersion: string
  /** `null`: there was no such app. */
  readonly apps: Readonly<Record<string, AppVersion | null>>
  readonly groups: Readonly<Record<string, { readonly before: Group | null; readonly after: Group | null }>>
}

/** Everything that was wanted at one time. */
export interface Root {
  readonly apps: ReadonlyMap<string, AppVersion>
  readonly groups: ReadonlyMap<string, Group>
}

/** Of a Marathon that nobody has changed yet. */
const firstVersion = '1970-01-01T00:00:00.000Z'

export function rootVersion(machine: Machine): string {
  return newestFirst(machine)[0]?.version ?? firstVersion
}

export function saveChange(machine: Machine, change: RootChange): void {
  machine.changes.set(change.version, change)
  machine.store.set(keys.change(change.version), change)
  const needed = new Set([...machine.deployments.values()].map((deployment) => deployment.version))
  for (const { version } of newestFirst(machine)
    .slice(versionsMax - 1)
    .reverse()) {
    // A running deployment may be rolled back yet; what is newer needs it to stay in one piece.
    if (needed.has(version)) return
    machine.changes.delete(version)
    machine.store.set(keys.change(version), null)
  }
}

function newestFirst(machine: Machine): RootChange[] {
  return [...machine.changes.values()].sort((a, b) => (a.version < b.version ? 1 : -1))
}

export function currentRoot(machine: Machine): Root {
  return {
    apps: new Map([...machine.apps].map(([id, app]) => [id, app.current])),
    groups: new Map(machine.groups),
  }
}

/** The state at `version`, one that `listVersions` names; nothing when it is not kept (any more). */
export function findRoot(machine: Machine, version: string): Root | undefined {
  const changes = newestFirst(machine)
  const isKnown = changes.some((change) => change.version === version) || changes.at(-1)?.previousVersion === version
  if (!isKnown) return version === rootVersion(machine) ? currentRoot(machine) : undefined
  const root = { apps: new Map(currentRoot(machine).apps), groups: new Map(machine.groups) }
  for (const change of changes) {
    if (change.version <= version) break
    for (const [id, before] of Object.entries(change.apps)) put(root.apps, id, before)
    for (const [id, { before }] of Object.entries(change.groups)) put(root.groups, id, before)
  }
  return root
}

function put<T>(map: Map<string, T>, id: string, value: T | null): void {
  if (value === null) map.delete(id)
  else map.set(id, value)
}

/** The versions at which a group was there, newest first. */
export function listVersions(machine: Machine, groupId: string): string[] {
  const changes = newestFirst(machine)
  const versions = [rootVersion(machine), ...changes.map((change) => change.previousVersion)]
  return versions.filter((version) => {
    const root = findRoot(machine, version)
    return groupId === rootId || (root !== undefined && hasGroup(root, groupId))
  })
}

export function hasGroup({ apps, groups }: Root, id: string): boolean {
  return id === rootId || groups.has(id) || [...apps.keys()].some((appId) => isWithin(appId, id))
}
