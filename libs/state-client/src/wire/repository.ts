import { type Static, Type } from 'typebox'
import { Commit, Count, Moment, Ref, Slug } from './words.ts'

const Settings = {
  slug: Slug,
  url: Type.String({ minLength: 1, maxLength: 2048 }),
  refs: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), {
    minItems: 1,
    maxItems: 50,
    description: 'patterns of full ref names that are built, such as refs/heads/*',
  }),
  every: Type.Union([Type.Literal('head'), Type.Literal('commit')], {
    description: 'what the sweep makes an entry of when a head moved: the head, or each commit since',
  }),
}

/** A registered repository as it is shown. */
export const Repository = Type.Object({
  ...Settings,
  defaultRef: Ref,
  registeredAt: Moment,
  lastHookAt: Type.Union([Moment, Type.Null()]),
  lastSweepAt: Type.Union([Moment, Type.Null()]),
  sweepFailure: Type.Union([Type.String(), Type.Null()], { description: 'why the last look at the remote failed' }),
})
export type Repository = Static<typeof Repository>

export const RefHead = Type.Object({ ref: Ref, head: Type.Union([Commit, Type.Null()]), era: Count })
export type RefHead = Static<typeof RefHead>

/** POST /api/repositories. The heads are the baseline; the default ref's head becomes the first ledger entry. */
export const NewRepository = Type.Object({
  ...Settings,
  defaultRef: Ref,
  heads: Type.Array(Type.Object({ ref: Ref, head: Commit }), { maxItems: 100_000 }),
})
export type NewRepository = Static<typeof NewRepository>

/** GET /api/repositories/:slug/hook-secret: what signs the hooks of this repository. POST makes a new one. */
export const HookSecret = Type.Object({ secret: Type.String() })

export const SecretNames = Type.Object({ names: Type.Array(Type.String()) })
export const NewSecret = Type.Object({ value: Type.String({ minLength: 1, maxLength: 65_536 }) })
