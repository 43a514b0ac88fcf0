import { findCommit, type GitSettings, gitErrors, listHeads, maskUrl, openMirror } from '@baton/git'
import { idErrors, isCommit } from '@baton/model'
import { crashPoint } from '@baton/service-kit'
import type { Build, Repository, StateClient } from '@baton/state-client'
import { errors, firstPipeline } from '../errors.ts'
import { toBuild } from '../resolve/judge-pipelines.ts'
import { infoOf } from '../resolve/resolve.ts'
import type { KnownVersions } from '../versions/known-versions.ts'
import type { VersionReader, WantedVersion } from '../versions/read-versions.ts'

export interface BuildWish {
  readonly commit?: string | undefined
  readonly ref?: string | undefined
  /** Only this one of the repository's pipelines. */
  readonly pipeline?: string | undefined
}

export interface Starter {
  /** With the caller's token. */
  readonly state: StateClient
  readonly git: GitSettings
  readonly mirrorsDir: string
  readonly reader: VersionReader
  readonly versions: KnownVersions
}

/**
 * Starts builds that a person asked for: of a commit, of a ref's head, or of the default branch's. Path filters and
 * marks in the commit's message do not count: the person knows. Nothing is stored unless all of it can be.
 * @throws REPOSITORY_UNKNOWN, REF_UNKNOWN, COMMIT_UNKNOWN, PIPELINE_MISSING, PIPELINE_UNKNOWN, REMOTE_UNREACHABLE
 */
export async function startBuilds(
  starter: Starter,
  slug: string,
  wish: BuildWish,
  requestId: string,
): Promise<Build[]> {
  const repository = await starter.state.getRepository(slug)
  const { commit, ref } = await readTarget(starter.git, repository, wish)
  const mirror = openMirror(starter.git, starter.mirrorsDir, repository.url)
  const found = await mirror.fetchCommit(commit, ref, async (objects) => ({
    commit: await findCommit(objects, commit),
    wanted: (await starter.reader.read(objects, slug, commit)) ?? [],
  }))
  if (found.wanted.length === 0)
    throw errors.PIPELINE_MISSING({ ref: commit, url: maskUrl(repository.url), example: firstPipeline })
  const wanted = choose(found.wanted, wish.pipeline, commit)
  const known = await starter.versions.find(wanted.map(({ key }) => key))
  const info = found.commit === undefined ? null : infoOf(found.commit)
  const resolutions = wanted.map((version) => toBuild(version, known))
  crashPoint('start.before-start')
  const builds = await starter.state.startBuilds(slug, { requestId, commit, ref, info, resolutions })
  crashPoint('start.after-start')
  return builds
}

function choose(wanted: WantedVersion[], pipeline: string | undefined, commit: string): WantedVersion[] {
  if (pipeline === undefined) return wanted
  const chosen = wanted.filter((version) => version.pipeline === pipeline)
  if (chosen.length > 0) return chosen
  throw errors.PIPELINE_UNKNOWN({ commit, pipeline, known: wanted.map((version) => version.pipeline).join(', ') })
}

async function readTarget(
  git: GitSettings,
  repository: Repository,
  { commit, ref }: BuildWish,
): Promise<{ commit: string; ref: string }> {
  if (commit !== undefined && !isCommit(commit)) throw idErrors.COMMIT_INVALID({ commit: commit.slice(0, 80) })
  if (commit !== undefined && ref === undefined) return { commit, ref: repository.defaultRef }
  const heads = await listHeads(git, repository.url)
  const name = ref ?? repository.defaultRef
  const full = [name, `refs/heads/${name}`, `refs/tags/${name}`].find((one) => heads.has(one))
  const head = full === undefined ? undefined : heads.get(full)
  if (full === undefined || head === undefined) {
    throw gitErrors.REF_UNKNOWN({ url: maskUrl(repository.url), ref: name.slice(0, 255) })
  }
  return { commit: commit ?? head, ref: full }
}
