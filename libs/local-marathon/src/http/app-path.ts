/** What a path under `/v2/apps` names. Words of the API bind to the last segments, which is why no app may be called so. */
export type AppPath =
  | { kind: 'list' }
  | { kind: 'app'; appId: string }
  | { kind: 'group'; groupId: string }
  | { kind: 'groupTasks'; groupId: string }
  | { kind: 'restart'; appId: string }
  | { kind: 'tasks'; appId: string }
  | { kind: 'task'; appId: string; taskId: string }
  | { kind: 'versions'; appId: string }
  | { kind: 'version'; appId: string; version: string }

/** Reads the part after `/v2/apps/`, already without doubled and trailing slashes. */
export function readAppPath(rest: string): AppPath {
  const segments = rest.split('/').filter((segment) => segment !== '')
  const last = segments.at(-1) ?? ''
  const beforeLast = segments.at(-2)
  const appId = (count: number) => `/${segments.slice(0, segments.length - count).join('/')}`
  if (segments.length === 0) return { kind: 'list' }
  if (last === '*') return { kind: 'group', groupId: appId(1) }
  if (beforeLast === '*' && last === 'tasks') return { kind: 'groupTasks', groupId: appId(2) }
  if (segments.length > 1 && last === 'restart') return { kind: 'restart', appId: appId(1) }
  if (segments.length > 1 && last === 'tasks') return { kind: 'tasks', appId: appId(1) }
  if (segments.length > 1 && last === 'versions') return { kind: 'versions', appId: appId(1) }
  if (segments.length > 2 && beforeLast === 'tasks') return { kind: 'task', appId: appId(2), taskId: last }
  if (segments.length > 2 && beforeLast === 'versions') return { kind: 'version', appId: appId(2), version: last }
  return { kind: 'app', appId: appId(0) }
}

/** Doubled slashes, `%2F` and trailing slashes all occur in real clients. The query stays as it is. */
export function normalizeUrl(url: string): string {
  const at = url.indexOf('?')
  const path = at === -1 ? url : url.slice(0, at)
  const query = at === -1 ? '' : url.slice(at)
  const clean = path.replace(/%2f/gi, '/').replace(/\/{2,}/g, '/')
  return (clean.length > 1 ? clean.replace(/\/$/, '') : clean) + query
}
