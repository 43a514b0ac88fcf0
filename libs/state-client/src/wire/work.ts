import { type Static, Type } from 'typebox'
import { LedgerEntry, Observed } from './ledger.ts'
import { RefHead, Repository } from './repository.ts'
import { Assembly, Digest, VersionKey } from './version.ts'
import { Commit, Count, PipelineName, Reason, Ref, Slug } from './words.ts'

/**
 * What can be taken. `sweep`: ask a remote for its heads. `resolve`: say what a ledger entry means for each pipeline.
 * `place`: hand one attempt to Marathon. `remove`: read what a dead attempt left, delete its app, see its processes gone.
 * `reconcile`: hold Marathon's apps against the attempts that are not removed; one taker at a time for each lane.
 */
export const workKinds = [
  'sweep',
  'resolve',
  'place-build',
  'place-meta',
  'remove-build',
  'remove-meta',
  'reconcile-build',
  'reconcile-meta',
] as const
export type WorkKind = (typeof workKinds)[number]

/** POST /api/work/take: waits up to `waitMs` for work of these kinds; 204 if there is none. */
export const Take = Type.Object({
  kinds: Type.Array(Type.Union(workKinds.map((kind) => Type.Literal(kind))), { minItems: 1 }),
  owner: Type.String({ minLength: 1, maxLength: 200 }),
  waitMs: Type.Integer({ minimum: 0, maximum: 30_000 }),
})
export type Take = { kinds: WorkKind[]; owner: string; waitMs: number }

export const SweepPayload = Type.Object({ repository: Repository, heads: Type.Array(RefHead) })
export type SweepPayload = Static<typeof SweepPayload>

export const ResolvePayload = Type.Object({ repository: Repository, entry: LedgerEntry })
export type ResolvePayload = Static<typeof ResolvePayload>

export const PlacePayload = Type.Object({
  installation: Type.String(),
  pipeline: PipelineName,
  number: Count,
  repository: Type.Object({ slug: Slug, url: Type.String() }),
  commit: Commit,
  ref: Ref,
  attempt: Count,
  appId: Type.String(),
  ticket: Type.String({ description: 'one-time; the same for every take of this attempt until it is claimed' }),
  bundle: Type.Object({
    digest: Digest,
    path: Type.String({ description: 'on the controller; valid while the attempt is open' }),
  }),
  cpus: Type.Number(),
  memMb: Type.Number(),
  diskMb: Type.Number(),
  image: Type.Optional(Type.String()),
})
export type PlacePayload = Static<typeof PlacePayload>

/** Where the reading of a dead attempt's sandbox has to go on: next event number, and bytes stored of each step's output. */
export const Stored = Type.Object({ nextEvent: Count, outputs: Type.Record(Type.String(), Count) })
export type Stored = Static<typeof Stored>

export const RemovePayload = Type.Object({
  installation: Type.String(),
  pipeline: PipelineName,
  number: Count,
  attempt: Count,
  appId: Type.String(),
  taskId: Type.Union([Type.String(), Type.Null()]),
  sandbox: Type.Union([Type.Object({ agent: Type.String(), path: Type.String() }), Type.Null()]),
  salvage: Type.Boolean({
    description: 'claimed, but no result arrived: unsent events and output may lie in the sandbox',
  }),
  stored: Stored,
})
export type RemovePayload = Static<typeof RemovePayload>

export const ReconcilePayload = Type.Object({ installation: Type.String() })
export type ReconcilePayload = Static<typeof ReconcilePayload>

const kindOf = <K extends WorkKind>(kind: K) => ({
  id: Type.String(),
  kind: Type.Literal(kind),
  epoch: Count,
  leaseMs: Count,
})

export const Work = Type.Union([
  Type.Object({ ...kindOf('sweep'), payload: SweepPayload }),
  Type.Object({ ...kindOf('resolve'), payload: ResolvePayload }),
  Type.Object({ ...kindOf('place-build'), payload: PlacePayload }),
  Type.Object({ ...kindOf('place-meta'), payload: PlacePayload }),
  Type.Object({ ...kindOf('remove-build'), payload: RemovePayload }),
  Type.Object({ ...kindOf('remove-meta'), payload: RemovePayload }),
  Type.Object({ ...kindOf('reconcile-build'), payload: ReconcilePayload }),
  Type.Object({ ...kindOf('reconcile-meta'), payload: ReconcilePayload }),
])
export type Work = Static<typeof Work>

/** What an entry means for one pipeline of its repository. The controller decides the rest from the version it knows. */
export const Resolution = Type.Object({
  pipeline: PipelineName,
  build: Type.Union([
    Type.Object({ key: VersionKey, assembly: Assembly, firstOfVersion: Type.Boolean() }),
    Type.Null(),
  ]),
  skipped: Type.Union([Reason, Type.Null()], { description: 'why it is not built, if it is not' }),
})
export type Resolution = Static<typeof Resolution>

export const CommitInfo = Type.Object({
  author: Type.String({ maxLength: 200 }),
  subject: Type.String({ maxLength: 500 }),
})
export type CommitInfo = Static<typeof CommitInfo>

/** POST /api/work/:id/done, by kind. Repeated with the same epoch it changes nothing; an older epoch is WORK_MOVED_ON. */
export const sweepDone = Type.Object({
  observed: Type.Array(Observed),
  failure: Type.Union([Type.String(), Type.Null()]),
})
export const resolveDone = Type.Object({
  info: Type.Union([CommitInfo, Type.Null()]),
  resolutions: Type.Array(Resolution),
  whole: Type.Union([
    Type.Object({ state: Type.Union([Type.Literal('skipped'), Type.Literal('gone')]), reason: Reason }),
    Type.Null(),
  ]),
})
export const placeDone = Type.Object({ refused: Type.Union([Type.String(), Type.Null()]) })
export const removeDone = Type.Object({})
export const reconcileDone = Type.Object({})
export const Done = Type.Object({ epoch: Count, outcome: Type.Unknown() })

export interface Outcomes {
  sweep: Static<typeof sweepDone>
  resolve: Static<typeof resolveDone>
  place: Static<typeof placeDone>
  remove: Static<typeof removeDone>
  reconcile: Static<typeof reconcileDone>
}
export type OutcomeOf<K extends WorkKind> = K extends `${infer Head}-${string}`
  ? Outcomes[Head & keyof Outcomes]
  : Outcomes[K & keyof Outcomes]

/** POST /api/work/:id/release: give it back, to be taken again after a while. */
export const Release = Type.Object({
  epoch: Count,
  afterMs: Type.Integer({ minimum: 0, maximum: 3_600_000 }),
  why: Type.String({ maxLength: 500 }),
})
export const Renew = Type.Object({ epoch: Count })

/** POST /api/repositories/:slug/builds: builds that a person asked for. Repeated with the same request id it starts nothing again. */
export const StartBuilds = Type.Object({
  requestId: Type.String({ minLength: 8, maxLength: 100 }),
  commit: Commit,
  ref: Ref,
  info: Type.Union([CommitInfo, Type.Null()]),
  resolutions: Type.Array(Resolution, { minItems: 1, maxItems: 100 }),
})
export type StartBuilds = Static<typeof StartBuilds>
