import { type GitSettings, isRef, listRemote, maskUrl, openMirror, readGitUrl } from '@baton/git'
import { readSlug, slugOf } from '@baton/model'
import { crashPoint } from '@baton/service-kit'
import type { NewRepository, Repository, StateClient } from '@baton/state-client'
import { errors, firstPipeline } from '../errors.ts'
import type { VersionReader } from '../versions/read-versions.ts'

export interface Registration {
  readonly url: string
  readonly slug?: string | undefined
  readonly refs?: readonly string[] | undefined
  readonly every?: 'head' | 'commit' | undefined
}

export interface Registrar {
  /** With the caller's token. */
  readonly state: StateClient
  readonly git: GitSettings
  readonly mirrorsDir: string
  readonly reader: VersionReader
}

/** Every branch is built unless the registration says otherwise. */
const refsDefault = ['refs/heads/**']

/**
 * Registers a repository. Everything is looked at before the one write that stores it.
 * @throws URL_INVALID, SLUG_INVALID, REF_PATTERN_INVALID, REMOTE_UNREACHABLE, EMPTY_REPOSITORY, PIPELINE_MISSING, REPOSITORY_EXISTS
 */
export async function register(registrar: Registrar, wish: Registration): Promise<Repository> {
  const { git, state } = registrar
  const url = readGitUrl(wish.url.trim(), git)
  const slug = readSlug(wish.slug ?? slugOf(url))
  const refs = (wish.refs ?? refsDefault).map(readRefPattern)
  const remote = await listRemote(git, url)
  const head = remote.defaultRef === undefined ? undefined : remote.heads.get(remote.defaultRef)
  if (remote.defaultRef === undefined || head === undefined) throw errors.EMPTY_REPOSITORY({ url: maskUrl(url) })
  const repository: NewRepository = {
    slug,
    url,
    refs,
    every: wish.every ?? 'head',
    defaultRef: remote.defaultRef,
    heads: [...remote.heads].filter(([ref]) => isRef(ref)).map(([ref, commit]) => ({ ref, head: commit })),
  }
  await checkPipeline(registrar, repository, head)
  crashPoint('register.before-add')
  const added = await state.addRepository(repository)
  crashPoint('register.after-add')
  return added
}

async function checkPipeline(
  { git, mirrorsDir, reader }: Registrar,
  repository: NewRepository,
  head: string,
): Promise<void> {
  const { url, slug, defaultRef } = repository
  const mirror = openMirror(git, mirrorsDir, url)
  const wanted = await mirror.fetchCommit(head, defaultRef, (objects) => reader.read(objects, slug, head))
  if (wanted === undefined || wanted.length === 0) {
    throw errors.PIPELINE_MISSING({ ref: defaultRef, url: maskUrl(url), example: firstPipeline })
  }
}

/** A pattern of full ref names; a name without `refs/` is that of a branch. */
function readRefPattern(pattern: string): string {
  const full = pattern.startsWith('refs/') ? pattern : `refs/heads/${pattern}`
  // The stars of a pattern are the only characters that a ref itself could not have.
  if (!isRef(full.replaceAll('*', 'x'))) throw errors.REF_PATTERN_INVALID({ pattern: pattern.slice(0, 80) })
  return full
}
