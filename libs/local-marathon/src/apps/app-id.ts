import { refuseInvalid } from '../http/refusal.ts'

/** Marathon has no limit, but its pattern backtracks badly on long ids, and a task id becomes a file name. */
const idLengthMax = 180
const segment = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
/** Words of the API below an app; an app of this name could not be addressed. */
const reserved = new Set(['restart', 'tasks', 'versions', '.', '..'])

/** The absolute form of an app id: leading slash, `.` and `..` resolved. @throws 422 with Marathon's details */
export function readAppId(given: string): string {
  const complain = (message: string) => refuseInvalid([{ path: '/id', errors: [message] }])
  if (given.length > idLengthMax) throw complain(`must not be longer than ${idLengthMax} characters`)
  const segments: string[] = []
  for (const part of given.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') segments.pop()
    else if (segment.test(part)) segments.push(part)
    else throw complain(`must fully match regular expression '${segment.source}'`)
  }
  const last = segments.at(-1)
  if (last === undefined) throw complain('must not be the root path "/"')
  if (reserved.has(last)) throw complain(`must not end with any of: ${[...reserved].join(', ')}`)
  return `/${segments.join('/')}`
}

/** `/ci/app` as it starts a task id: `ci_app`. */
export function taskIdPrefix(appId: string): string {
  return appId.slice(1).replaceAll('/', '_')
}
