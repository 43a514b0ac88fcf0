import { gitErrors } from './errors.ts'

export const urlLengthMax = 2048

interface Protocol {
  readonly defaultPort: string
  readonly local: boolean
}

/** The protocols Git may use, and the port that goes without saying. */
const protocols: Readonly<Record<string, Protocol>> = {
  'https:': { defaultPort: '443', local: false },
  'http:': { defaultPort: '80', local: false },
  'ssh:': { defaultPort: '22', local: false },
  'git:': { defaultPort: '9418', local: false },
  'file:': { defaultPort: '', local: true },
}

/** Forges that do not tell upper from lower case in the path of a repository. */
const caselessHosts: ReadonlySet<string> = new Set(['github.com', 'gitlab.com', 'bitbucket.org', 'codeberg.org'])

const scpForm = /^(?:([\w.+-]+)@)?(\[[0-9a-fA-F:]+\]|[\w][\w.-]*):(?!\/\/)(.+)$/

/**
 * Checks a Git URL that somebody gave, before Git sees it: nothing that could be an option, a helper program
 * (`ext::`), a path of this machine or several lines.
 * @throws URL_INVALID
 */
export function readGitUrl(url: string, options: { allowLocal: boolean }): string {
  const why = complaint(url, options.allowLocal)
  if (why !== undefined) throw gitErrors.URL_INVALID({ url: maskUrl(url.slice(0, 200)), why })
  return url
}

function complaint(url: string, allowLocal: boolean): string | undefined {
  if (url.length === 0) return 'it is empty'
  if (url.length > urlLengthMax) return `it is longer than ${urlLengthMax} characters`
  if (url.startsWith('-')) return 'it looks like an option'
  if (/[\u0000-\u0020\u007f\\]/.test(url)) return 'it contains white space, a control character or a backslash'
  if (url.includes('::')) return 'transport helpers are not allowed'
  if (!url.includes('://')) return scpComplaint(url)
  const parsed = parse(url)
  if (parsed === null) return 'it cannot be read'
  const protocol = protocols[parsed.protocol]
  if (protocol === undefined) return `the protocol ${parsed.protocol.slice(0, 30)}// is not allowed`
  if (protocol.local) return localComplaint(parsed, allowLocal)
  if (parsed.hostname === '' || parsed.hostname.startsWith('-')) return 'its host is missing or looks like an option'
  if (decoded(parsed.username).startsWith('-')) return 'its user looks like an option'
  if (parsed.pathname.length < 2) return 'it has no path'
  if (decoded(parsed.pathname).startsWith('/-')) return 'its path looks like an option'
  return undefined
}

function localComplaint(parsed: URL, allowLocal: boolean): string | undefined {
  if (!allowLocal) return 'repositories of this machine are not allowed here'
  if (parsed.hostname !== '') return 'a file URL has no host: file:///path'
  return parsed.pathname.length < 2 ? 'it has no path' : undefined
}

function scpComplaint(url: string): string | undefined {
  const parts = scpForm.exec(url)
  if (parts === null) return 'it has no protocol'
  return [parts[1], parts[2], parts[3]].some((part) => part?.startsWith('-')) ? 'it looks like an option' : undefined
}

/**
 * The form in which URLs are compared: one repository, one text, whatever protocol, user, default port, case of the
 * host, trailing slash or `.git` it was written with. `git@Forge:shop/todo.git` and `https://forge/shop/todo` are one.
 * What cannot be read stays as it is.
 */
export function normalUrl(url: string): string {
  const { protocol, host, port, path } = partsOf(url.trim())
  if (host === undefined) return trimmedPath(url.trim())
  const shownPort = port === '' || port === protocols[protocol]?.defaultPort ? '' : `:${port}`
  const plain = trimmedPath(decoded(path).replace(/^\/+/, ''))
  if (protocol === 'file:') return `file:///${plain}`
  return `${host}${shownPort}/${caselessHosts.has(host) ? plain.toLowerCase() : plain}`
}

function partsOf(url: string): { protocol: string; host: string | undefined; port: string; path: string } {
  if (url.includes('://')) {
    const parsed = parse(url)
    if (parsed === null) return { protocol: '', host: undefined, port: '', path: url }
    return { protocol: parsed.protocol, host: parsed.hostname.toLowerCase(), port: parsed.port, path: parsed.pathname }
  }
  const parts = scpForm.exec(url)
  return { protocol: 'ssh:', host: parts?.[2]?.toLowerCase(), port: '', path: parts?.[3] ?? url }
}

function trimmedPath(path: string): string {
  return path
    .replace(/\/+$/, '')
    .replace(/\.git$/i, '')
    .replace(/\/+$/, '')
    .replace(/\/{2,}/g, '/')
}

/** A URL, or text with URLs in it, without passwords: `https://ann:***@forge/x`. */
export function maskUrl(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)([^/\s@]*)@/gi, (_whole, scheme: string, userInfo: string) => {
    const colon = userInfo.indexOf(':')
    // A lone user of an http URL is often a token.
    if (colon < 0) return scheme.toLowerCase().startsWith('http') ? `${scheme}***@` : `${scheme}${userInfo}@`
    return `${scheme}${userInfo.slice(0, colon)}:***@`
  })
}

function parse(url: string): URL | null {
  try {
    return new URL(url)
  } catch {
    return null
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
