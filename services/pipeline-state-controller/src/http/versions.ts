import type { Service } from '@baton/service-kit'
import { Description, Digest, Publication, Version, VersionKey, VersionLookup } from '@baton/state-client/wire'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { AttemptName } from '../attempts/attempt-store.ts'
import { errors } from '../errors.ts'
import { bytesMax, largeJsonBytesMax, type RouteParts, typed } from './routes.ts'

const keyParams = Type.Object({ key: VersionKey })
const bundleParams = Type.Object({
  bundleKey: Type.String({ maxLength: 100 }),
  file: Type.String({ pattern: '^pipeline\\.[cm]js$' }),
})
const DigestAnswer = Type.Object({ digest: Digest })
const MetaPipeline = Type.Object({ bundle: Type.String({ minLength: 1 }), description: Description })

/** Pipeline versions and their bundles. */
export function addVersionRoutes(service: Service, { ports, now }: RouteParts): void {
  const routes = typed(service)
  const { versions } = ports

  routes.post(
    '/api/versions/lookup',
    { config: { access: 'read' }, schema: { body: VersionLookup, answers: { 200: Type.Array(Version) } } },
    async ({ body }) => await versions.lookup(body.keys),
  )
  routes.get(
    '/api/versions/:key',
    { config: { access: 'read' }, schema: { params: keyParams, answers: { 200: Version } } },
    async ({ params }) => await versions.get(params.key),
  )
  routes.put(
    '/api/versions/:key/bundle',
    {
      config: { access: 'attempt' },
      bodyLimit: bytesMax,
      schema: { params: keyParams, answers: { 200: DigestAnswer } },
    },
    async (request) => {
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      return { digest: await versions.putBundle(publisherOf(request), request.params.key, bytes, now()) }
    },
  )
  routes.put(
    '/api/versions/:key',
    {
      config: { access: 'attempt' },
      bodyLimit: largeJsonBytesMax,
      schema: { params: keyParams, body: Publication, answers: { 200: Version } },
    },
    async (request) => await versions.publish(publisherOf(request), request.params.key, request.body, now()),
  )
  routes.put(
    '/api/meta-pipeline',
    {
      config: { access: 'service' },
      bodyLimit: bytesMax,
      schema: { body: MetaPipeline, answers: { 200: DigestAnswer } },
    },
    async ({ body }) => {
      const bytes = Buffer.from(body.bundle, 'base64')
      return { digest: await versions.putMetaPipeline(bytes, body.description, now()) }
    },
  )
  routes.get(
    // Marathon's agent fetches it, under the name that it has in the sandbox. The address is the right.
    '/bundles/:bundleKey/:file',
    { config: { access: 'open' }, schema: { params: bundleParams } },
    async ({ params }, reply) => {
      const bytes = await versions.readBundle(params.bundleKey)
      return reply.type('text/javascript').header('cache-control', 'no-store').send(bytes)
    },
  )
}

/** Only a meta-build's process publishes; nobody does it for one. @throws TOKEN_FORBIDDEN */
function publisherOf({ caller }: FastifyRequest): AttemptName {
  if (caller.attempt === undefined) throw errors.TOKEN_FORBIDDEN({ role: caller.role })
  return caller.attempt
}
