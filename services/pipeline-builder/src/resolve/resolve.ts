import { type Commit, findCommit, type GitSettings, type Mirror, type ObjectReader, openMirror } from '@baton/git'
import { isBatonError, reason } from '@baton/model'
import type { Clock } from '@baton/service-kit'
import type { OutcomeOf, ResolvePayload } from '@baton/state-client'
import type { KnownVersions } from '../versions/known-versions.ts'
import type { VersionReader, WantedVersion } from '../versions/read-versions.ts'
import { judgePipelines } from './judge-pipelines.ts'
import { isReached, mayStillCome } from './reach.ts'
import { findSkipMark } from './skip-mark.ts'

export interface Resolver {
  readonly git: GitSettings
  readonly mirrorsDir: string
  readonly reader: VersionReader
  readonly versions: KnownVersions
  readonly clock: Clock
}

type Outcome = OutcomeOf<'resolve'>
type Whole = NonNullable<Outcome['whole']>

const shortHash = (commit: string): string => commit.slice(0, 7)

/**
 * Says what a ledger entry means for each pipeline of its repository.
 * @throws REMOTE_UNREACHABLE and whatever else may be over later; COMMIT_UNKNOWN while the remote may still be behind
 */
export async function resolveEntry(resolver: Resolver, payload: ResolvePayload): Promise<Outcome> {
  const { repository, entry } = payload
  const mirror = openMirror(resolver.git, resolver.mirrorsDir, repository.url)
  try {
    return await mirror.fetchCommit(entry.commit, entry.ref, (objects) =>
      resolveHere(resolver, payload, mirror, objects),
    )
  } catch (error) {
    if (!isBatonError(error, 'COMMIT_UNKNOWN')) throw error
    if (await mayStillCome(mirror, entry, resolver.clock.now())) throw error
    return gone(payload)
  }
}

async function resolveHere(
  resolver: Resolver,
  payload: ResolvePayload,
  mirror: Mirror,
  objects: ObjectReader,
): Promise<Outcome> {
  const { repository, entry } = payload
  const [commit, wanted] = await Promise.all([
    findCommit(objects, entry.commit),
    resolver.reader.read(objects, repository.slug, entry.commit),
  ])
  if (commit === undefined || wanted === undefined) return gone(payload)
  if (!(await isReached(mirror, objects, entry))) {
    return gone(payload, commit)
  }
  const mark = findSkipMark(commit.message)
  if (mark !== undefined) return wholly({ state: 'skipped', reason: reason('skipped.ci', { mark }) }, commit)
  if (wanted.length === 0) {
    return wholly({ state: 'skipped', reason: reason('skipped.none', { hash: shortHash(entry.commit) }) }, commit)
  }
  const resolutions = await judge(resolver, payload, mirror, objects, wanted)
  return { info: infoOf(commit), resolutions, whole: null }
}

async function judge(
  { reader, versions }: Resolver,
  { repository, entry }: ResolvePayload,
  mirror: Mirror,
  objects: ObjectReader,
  wanted: WantedVersion[],
): Promise<Outcome['resolutions']> {
  const { before, commit } = entry
  return await judgePipelines({
    wanted,
    known: await versions.find(wanted.map(({ key }) => key)),
    async keysBefore() {
      const earlier = before === null ? undefined : await reader.read(objects, repository.slug, before)
      return earlier && new Set(earlier.map(({ key }) => key))
    },
    changedPaths: async () => (before === null ? undefined : await mirror.changedPaths(before, commit)),
  })
}

export const infoOf = ({ author, subject }: Commit): NonNullable<Outcome['info']> => ({ author, subject })

function gone({ entry }: ResolvePayload, commit?: Commit): Outcome {
  const why = reason('skipped.gone', { ref: entry.ref, hash: shortHash(entry.commit) })
  return wholly({ state: 'gone', reason: why }, commit)
}

function wholly(whole: Whole, commit: Commit | undefined): Outcome {
  return { info: commit === undefined ? null : infoOf(commit), resolutions: [], whole }
}
