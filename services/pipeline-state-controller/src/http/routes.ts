import type { Log, Service } from '@baton/service-kit'
import { Commit, Count, PipelineName, Slug } from '@baton/state-client/wire'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Ports } from '../ports.ts'

/** What the routes are made of. */
export interface RouteParts {
  readonly ports: Ports
  readonly log: Log
  readonly now: () => Date
}

/** The service, with bodies and parameters typed by their schemas. */
export const typed = (service: Service) => service.withTypeProvider<TypeBoxTypeProvider>()

export const slugParams = Type.Object({ slug: Slug })
export const BuildNumber = Type.Integer({ minimum: 1, maximum: 999_999_999 })
export const buildParams = Type.Object({ pipeline: PipelineName, number: BuildNumber })
export const attemptParams = Type.Object({
  pipeline: PipelineName,
  number: BuildNumber,
  attempt: Type.Integer({ minimum: 1, maximum: 100 }),
})
export const Limit = Type.Integer({ minimum: 1, maximum: 500, default: 50 })
export const pageQuery = { limit: Type.Optional(Limit), before: Type.Optional(Count) }
export const buildQuery = Type.Object({
  pipeline: Type.Optional(PipelineName),
  repository: Type.Optional(Slug),
  status: Type.Optional(Type.String({ maxLength: 20 })),
  commit: Type.Optional(Commit),
  ...pageQuery,
})

/** Largest body of JSON that describes something big: the heads of a repository, a step tree. */
export const largeJsonBytesMax = 32 * 1024 * 1024
/** Largest bundle and largest piece of output in one request. */
export const bytesMax = 64 * 1024 * 1024
export const listDefault = 50
