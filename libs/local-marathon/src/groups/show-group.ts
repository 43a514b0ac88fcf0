import type { AppVersion } from '../apps/app.ts'
import { type Group, isWithin, parentOf } from './group.ts'
import type { Root } from './history.ts'

/** What a group's answer holds besides its name. */
export interface GroupEmbeds {
  readonly apps: boolean
  readonly groups: boolean
  readonly pods: boolean
}

/** `group.apps`, `group.groups` and `group.pods`; all of them when nothing is asked for. */
export function readGroupEmbeds(values: readonly string[]): GroupEmbeds {
  const has = (name: string) => values.length === 0 || values.includes(`group.${name}`)
  return {
    apps: has('apps') || values.some((one) => one.startsWith('group.apps.')),
    groups: has('groups'),
    pods: has('pods'),
  }
}

/** A group as the API shows it. Marathon: GroupInfo. There are no pods here. */
export function showGroup(
  root: Root,
  id: string,
  version: string,
  embeds: GroupEmbeds,
  showOne: (app: AppVersion) => object,
): object {
  const group: Group = root.groups.get(id) ?? { id, dependencies: [] }
  const apps = [...root.apps].flatMap(([appId, app]) => (parentOf(appId) === id ? [showOne(app)] : []))
  const groups = [...root.groups.keys()].filter((one) => one !== id && parentOf(one) === id).sort()
  return {
    id,
    dependencies: group.dependencies,
    version,
    ...(embeds.apps ? { apps } : {}),
    ...(embeds.groups ? { groups: groups.map((one) => showGroup(root, one, version, embeds, showOne)) } : {}),
    ...(embeds.pods ? { pods: [] } : {}),
    // Only where somebody set it: clients older than roles stumble over it.
    ...(group.enforceRole === undefined ? {} : { enforceRole: group.enforceRole }),
  }
}

/** Every app of a group and of the groups in it. */
export function appsWithin(root: Root, groupId: string): AppVersion[] {
  return [...root.apps].flatMap(([id, app]) => (isWithin(id, groupId) ? [app] : []))
}
