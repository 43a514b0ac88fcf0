/** What a path under `/v2/groups` names. */
export type GroupPath =
  | { kind: 'group'; groupId: string }
  | { kind: 'apps'; groupId: string }
  | { kind: 'versions'; groupId: string }
  | { kind: 'version'; groupId: string; version: string }

/** Reads the part after `/v2/groups/`. Words of the API bind to the last segments. */
export function readGroupPath(rest: string): GroupPath {
  const segments = rest.split('/').filter((segment) => segment !== '')
  const groupId = (count: number) => `/${segments.slice(0, segments.length - count).join('/')}`
  const last = segments.at(-1)
  if (last === 'apps') return { kind: 'apps', groupId: groupId(1) }
  if (last === 'versions') return { kind: 'versions', groupId: groupId(1) }
  if (segments.at(-2) === 'versions') return { kind: 'version', groupId: groupId(2), version: last ?? '' }
  return { kind: 'group', groupId: groupId(0) }
}
