import { isBatonError } from '@baton/model'
import type { GitSettings } from './environment.ts'
import { gitErrors } from './errors.ts'
import { callGit, lastLine } from './run.ts'
import { maskUrl, readGitUrl } from './url.ts'

/** What a remote has: commits of its branches and tags (an annotated tag counts as the commit it names). */
export interface Remote {
  readonly heads: ReadonlyMap<string, string>
  /** The full name of the branch that HEAD points to; `undefined` if it points to none. */
  readonly defaultRef: string | undefined
}

export const refsMax = 100_000
const listMs = 30_000
const listBytesMax = 33_554_432

/**
 * Branches and tags of a remote.
 * @throws URL_INVALID, REMOTE_UNREACHABLE, REMOTE_TOO_LARGE
 */
export async function listHeads(
  settings: GitSettings,
  url: string,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const text = await lsRemote(settings, url, ['--heads', '--tags'], [], signal)
  const heads = readHeads(text)
  if (heads.size > refsMax)
    throw gitErrors.REMOTE_TOO_LARGE({ url: maskUrl(url), what: 'the number of refs', max: refsMax })
  return heads
}

/** Branches, tags and the default branch of a remote. @throws as `listHeads` */
export async function listRemote(settings: GitSettings, url: string, signal?: AbortSignal): Promise<Remote> {
  const [heads, symref] = await Promise.all([
    listHeads(settings, url, signal),
    lsRemote(settings, url, ['--symref'], ['HEAD'], signal),
  ])
  return { heads, defaultRef: findDefaultRef(symref, heads) }
}

async function lsRemote(
  settings: GitSettings,
  url: string,
  options: string[],
  patterns: string[],
  signal?: AbortSignal,
): Promise<string> {
  readGitUrl(url, settings)
  const args = ['ls-remote', '--quiet', ...options, '--', url, ...patterns]
  const end = await callGit(settings, { args, timeoutMs: listMs, outputBytesMax: listBytesMax, signal }).catch(
    (error) => {
      if (isBatonError(error, 'GIT_TIMED_OUT')) throw unreachable(url, `no answer within ${listMs / 1000} s`, error)
      throw error
    },
  )
  if (end.code !== 0) throw unreachable(url, lastLine(end.stderr, end.code))
  return end.stdout.toString('utf8')
}

export function unreachable(url: string, message: string, cause?: unknown): Error {
  return gitErrors.REMOTE_UNREACHABLE({ url: maskUrl(url), message }, cause)
}

/** Reads `<hash>\t<ref>` lines; `<ref>^{}` is the commit of the annotated tag before it. */
export function readHeads(text: string): Map<string, string> {
  const heads = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [hash, name] = line.split('\t')
    if (hash === undefined || name === undefined || !/^[0-9a-f]{40,64}$/.test(hash)) continue
    if (!/^refs\/(heads|tags)\//.test(name)) continue
    heads.set(name.replace(/\^\{\}$/, ''), hash)
  }
  return heads
}

// An unborn HEAD is not told by older servers; a lone branch is then the default one.
function findDefaultRef(symref: string, heads: ReadonlyMap<string, string>): string | undefined {
  const told = /^ref: (\S+)\tHEAD$/m.exec(symref)?.[1]
  if (told !== undefined && heads.has(told)) return told
  const head = /^([0-9a-f]{40,64})\tHEAD$/m.exec(symref)?.[1]
  const branches = [...heads].filter(([name]) => name.startsWith('refs/heads/'))
  const same = branches.filter(([, commit]) => commit === head)
  return same[0]?.[0] ?? (branches.length === 1 ? branches[0]?.[0] : undefined)
}
