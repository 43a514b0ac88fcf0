import { type Static, Type } from 'typebox'
import { PlannedStep } from './build.ts'
import { Count, PipelineName, Slug } from './words.ts'

export const VersionKey = Type.String({ pattern: '^[0-9a-f]{64}$' })
export const Digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the bundle' })

/** What loading a bundle told: the step tree, and what Marathon has to give. */
export const Description = Type.Object({
  name: Type.String({ maxLength: 100 }),
  cpus: Type.Number({ minimum: 0.01, maximum: 1024 }),
  memMb: Type.Number({ minimum: 32, maximum: 4_194_304 }),
  diskMb: Type.Number({ minimum: 0 }),
  timeoutMs: Type.Integer({ minimum: 1000, description: 'how long a build may run' }),
  attemptsMax: Type.Integer({ minimum: 1, maximum: 10, description: 'attempts after a claim; 1 is never again' }),
  paths: Type.Array(Type.String({ maxLength: 255 }), { description: 'globs that concern it; none: everything does' }),
  image: Type.Optional(Type.String({ maxLength: 255 })),
  file: Type.Optional(
    Type.Union([Type.Literal('pipeline.cjs'), Type.Literal('pipeline.mjs')], {
      description: "the bundle's file name, which tells Node what it is; pipeline.mjs unless given",
    }),
  ),
  steps: Type.Array(PlannedStep, { maxItems: 10_000 }),
})
export type Description = Static<typeof Description>

/** A pipeline version: one self-contained file, addressed by its digest, found by the key of its sources. */
export const Version = Type.Object({
  key: VersionKey,
  pipeline: PipelineName,
  status: Type.Union([Type.Literal('assembling'), Type.Literal('ready'), Type.Literal('broken')]),
  digest: Type.Union([Digest, Type.Null()]),
  message: Type.Union([Type.String(), Type.Null()], { description: 'why it is broken' }),
  metaBuild: Type.Union([Count, Type.Null()]),
  description: Type.Union([Description, Type.Null()]),
})
export type Version = Static<typeof Version>

export const VersionLookup = Type.Object({ keys: Type.Array(VersionKey, { maxItems: 200 }) })

/** PUT /api/versions/:key, after the bytes were put to /api/versions/:key/bundle. */
export const Publication = Type.Object({ digest: Digest, description: Description })
export type Publication = Static<typeof Publication>

/** What a meta-build has to assemble. */
export const Assembly = Type.Object({
  key: VersionKey,
  pipeline: PipelineName,
  repository: Slug,
  entryFile: Type.String({ maxLength: 255, description: 'pipeline.ts or pipelines/<name>.ts' }),
  install: Type.Boolean({ description: 'the code has bare imports, so npm ci has to run first' }),
})
export type Assembly = Static<typeof Assembly>
