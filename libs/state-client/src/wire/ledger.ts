import { type Static, Type } from 'typebox'
import { Commit, Count, Moment, PipelineName, Reason, Ref, Slug } from './words.ts'

/** What became of an entry for one pipeline. */
export const Fate = Type.Object({
  pipeline: PipelineName,
  fate: Type.Union([Type.Literal('built'), Type.Literal('skipped'), Type.Literal('superseded')]),
  build: Type.Union([Count, Type.Null()], { description: 'the number of the build, if it was built' }),
  buildStatus: Type.Union([Type.String(), Type.Null()]),
  reason: Type.Union([Reason, Type.Null()]),
})
export type Fate = Static<typeof Fate>

/** One ref change ever seen. `open`: not resolved yet; `resolved`: see fates; `skipped` and `gone`: as a whole, see reason. */
export const LedgerEntry = Type.Object({
  id: Count,
  repository: Slug,
  ref: Ref,
  era: Count,
  commit: Commit,
  before: Type.Union([Commit, Type.Null()]),
  source: Type.Union([Type.Literal('hook'), Type.Literal('sweep'), Type.Literal('registration')]),
  seenAt: Moment,
  state: Type.Union([Type.Literal('open'), Type.Literal('resolved'), Type.Literal('skipped'), Type.Literal('gone')]),
  reason: Type.Union([Reason, Type.Null()]),
  fates: Type.Array(Fate),
})
export type LedgerEntry = Static<typeof LedgerEntry>

/** POST /api/repositories/:slug/deliveries: one signed hook, its signature already checked. */
export const Delivery = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 200, description: "the forge's delivery id; a redelivery has the same" }),
  digest: Type.String({ maxLength: 128, description: 'digest of the body: the same push told by a second hook' }),
  changes: Type.Array(
    Type.Object({
      ref: Ref,
      before: Type.Union([Commit, Type.Null()]),
      after: Type.Union([Commit, Type.Null()]),
    }),
    { maxItems: 1000 },
  ),
})
export type Delivery = Static<typeof Delivery>

/** What a delivery did: the entries it added, and whether the remote will be asked at once. Durable when answered. */
export const DeliveryAnswer = Type.Object({
  known: Type.Boolean(),
  entries: Type.Array(Type.Object({ id: Count, ref: Ref, commit: Commit })),
  look: Type.Boolean(),
})
export type DeliveryAnswer = Static<typeof DeliveryAnswer>

/** One ref as a look at the remote found it, against the head that was known when the look began. */
export const Observed = Type.Object({
  ref: Ref,
  known: Type.Union([Type.Object({ head: Type.Union([Commit, Type.Null()]), era: Count }), Type.Null()]),
  head: Type.Union([Commit, Type.Null()]),
  descends: Type.Boolean(),
  commits: Type.Array(Commit, {
    maxItems: 1000,
    description: 'oldest first, the head last: those to make entries of when the repository says every: commit',
  }),
})
export type Observed = Static<typeof Observed>
