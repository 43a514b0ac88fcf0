import { refuseInvalid } from '../http/refusal.ts'

/** Marathon has no limit, but its pattern backtracks badly on long ids, and a task id becomes a file name. */
const idLengthMax = 180
const segment = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
/** Words of the API below an app; an app of this name could not be addressed. */
const reserved = new Set(['restart', 'tasks', 'versions', '.', '..'])

/**
 * The absolute form of an app id: leading slash, `.` and `..` resolved; one that does not begin with a slash lies in the
 * group `base`. @throws 422 with Marathon's details
 */
export function readAppId(given: string, base = '/'): string {
  const id = readPath(given, base, '/id')
  const last = id.slice(id.lastIndexOf('/') + 1)
  if (id === '/') throw complaint('/id', 'must not be the root path "/"')
  if (reserved.has(last)) throw complaint('/id', `must not end with any of: ${[...reserved].join(', ')}`)
  return id
}

/** The same for what may be a group, the root included. `at` is where it stands in the body. */
export function readPath(given: string, base: string, at: string): string {
  if (given.length > idLengthMax) throw complaint(at, `must not be longer than ${idLengthMax} characters`)
  const segments = given.startsWith('/') ? [] : base.split('/').filter((part) => part !== '')
  for (const part of given.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') segments.pop()
    else if (segment.test(part)) segments.push(part)
    else throw complaint(at, `must fully match regular expression '${segment.source}'`)
  }
  return `/${segments.join('/')}`
}

function complaint(path: string, message: string) {
  return refuseInvalid([{ path, errors: [message] }])
}

/** `/ci/app` as it starts a task id: `ci_app`. */
export function taskIdPrefix(appId: string): string {
  return appId.slice(1).replaceAll('/', '_')
}
