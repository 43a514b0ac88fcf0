import { createHash } from 'node:crypto'
import type { Service } from '@baton/service-kit'
import { Slug } from '@baton/state-client/wire'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { createFeed } from '../feed/feed.ts'
import type { Ports } from '../ports.ts'
import { isKnown } from './etag.ts'
import { typed } from './routes.ts'

export interface FeedParts {
  readonly ports: Pick<Ports, 'builds'>
  /** Where people reach the views; without it, where the reader found the feed. */
  readonly publicUrl?: string | undefined
}

/** GET and HEAD /cctray.xml, for build monitors. A parameter that is not known (against caches, say) changes nothing. */
export function addFeedRoutes(service: Service, { ports, publicUrl }: FeedParts): void {
  const feed = createFeed(ports.builds)
  typed(service).get(
    '/cctray.xml',
    {
      config: { access: 'read' },
      schema: {
        querystring: Type.Object({ repository: Type.Optional(Slug) }),
        description: 'cctray.org/v1: an entry for each pipeline, and one for each of its steps.',
      },
    },
    async (request, reply) => {
      const baseUrl = (publicUrl ?? urlOf(request)).replace(/\/+$/, '')
      const xml = await feed.read(baseUrl, request.query.repository)
      const etag = `"${createHash('sha256').update(xml).digest('base64url').slice(0, 22)}"`
      reply
        .headers({ etag, 'cache-control': 'no-cache', 'access-control-allow-origin': '*', vary: 'host' })
        .type('application/xml; charset=utf-8')
      return isKnown(request, etag) ? reply.code(304).send() : reply.send(xml)
    },
  )
}

const urlOf = ({ protocol, host }: FastifyRequest): string => `${protocol}://${host}`
