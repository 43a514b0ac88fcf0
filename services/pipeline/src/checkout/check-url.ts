import { errors } from '../errors.ts'

const schemes = new Set(['https', 'http', 'ssh', 'git'])
const scpForm = /^(?:[\w.-]+@)?[\w.-]+:[^:].*$/

/** Refuses what could be an option, a helper program or a file that was not allowed. @throws URL_REFUSED */
export function checkUrl(url: string, allowLocal: boolean): void {
  if (url.startsWith('-')) throw errors.URL_REFUSED({ why: 'it looks like an option' })
  if (/[\0-\x20\x7f]/.test(url)) throw errors.URL_REFUSED({ why: 'it has spaces or control characters' })
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase()
  if (scheme !== undefined ? schemes.has(scheme) : scpForm.test(url) && !url.includes('::')) return
  if (scheme === 'file' && allowLocal) return
  throw errors.URL_REFUSED({ why: scheme === undefined ? 'it is no Git URL' : `${scheme}:// is not allowed here` })
}

/** The password, or token, in an address: it is masked in all output. */
export function passwordsOf(url: string): string[] {
  const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^/@]*:([^/@]+)@/i.exec(url) ?? []
  if (password === undefined) return []
  return [password, decoded(password)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
