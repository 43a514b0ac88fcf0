import { type GitSettings, isRef, listHeads, type Mirror, openMirror } from '@baton/git'
import { isBatonError } from '@baton/model'
import type { Observed, OutcomeOf, SweepPayload } from '@baton/state-client'

/** Changed refs that one look tells of; the next look sees the rest. */
export const changesPerLookMax = 1_000
/** Commits between two heads that are told of for `every: commit`; of more, the newest. */
export const commitsPerRefMax = 1_000
const fetchOneByOneMax = 50

export interface LookPlace {
  readonly git: GitSettings
  readonly mirrorsDir: string
}

/** Asks a remote for its heads, and how those that moved stand to what was known. An unreachable remote is an outcome. */
export async function lookAt(
  place: LookPlace,
  { repository, heads }: SweepPayload,
  signal?: AbortSignal,
): Promise<OutcomeOf<'sweep'>> {
  try {
    const remote = await listHeads(place.git, repository.url, signal)
    const changes = listChanges(heads, remote)
    if (changes.length === 0) return { observed: [], failure: null }
    const mirror = openMirror(place.git, place.mirrorsDir, repository.url)
    await fetchMoved(mirror, changes)
    const observed: Observed[] = []
    for (const change of changes) observed.push(await observe(mirror, change, repository.every === 'commit'))
    return { observed, failure: null }
  } catch (error) {
    if (signal?.aborted || !isBatonError(error)) throw error
    return { observed: [], failure: error.message }
  }
}

type Change = Pick<Observed, 'ref' | 'known' | 'head'>

/** What differs between the heads that are known and those of the remote. */
export function listChanges(known: SweepPayload['heads'], remote: ReadonlyMap<string, string>): Change[] {
  const before = new Map(known.map(({ ref, head, era }) => [ref, { head, era }]))
  const moved = [...remote]
    .filter(([ref, head]) => isRef(ref) && before.get(ref)?.head !== head)
    .map(([ref, head]): Change => ({ ref, head, known: before.get(ref) ?? null }))
  const deleted = known
    .filter(({ ref, head }) => head !== null && !remote.has(ref))
    .map(({ ref, head, era }): Change => ({ ref, head: null, known: { head, era } }))
  return [...moved, ...deleted].slice(0, changesPerLookMax)
}

const needsHistory = ({ known, head }: Change): boolean => head !== null && known !== null && known.head !== null

async function fetchMoved(mirror: Mirror, changes: readonly Change[]): Promise<void> {
  const refs = changes.filter(needsHistory).map(({ ref }) => ref)
  if (refs.length > 0) await mirror.fetch(refs.length > fetchOneByOneMax ? 'all' : refs)
}

async function observe(mirror: Mirror, change: Change, everyCommit: boolean): Promise<Observed> {
  const { ref, known, head } = change
  if (head === null) return { ref, known, head, descends: false, commits: [] }
  const from = known?.head
  if (from == null) return { ref, known, head, descends: false, commits: [head] }
  const descends = await mirror.isAncestor(from, head)
  const commits = descends && everyCommit ? await mirror.listCommits(from, head, commitsPerRefMax) : [head]
  return { ref, known, head, descends, commits }
}
