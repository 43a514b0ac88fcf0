import type { Service } from '@baton/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type PageFile, pageFiles, shell } from '../page/files.ts'
import { isKnown } from './etag.ts'

/** The views. Their documents are all the same. */
const views = ['/', '/pipelines/:pipeline', '/builds/:pipeline/:number', '/ledger']

/** Nothing from elsewhere, nothing inline: what a build prints or a commit is called cannot become a program. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  // The file of this release or none: documents and scripts of two releases do not fit together.
  'cache-control': 'no-cache',
}

/** The plain live page, and the files that it is made of. It holds no data: that comes from the API, as its caller may read. */
export function addPageRoutes(service: Service): void {
  for (const url of views) {
    service.get(url, page, (request, reply) => send(request, reply, shell))
  }
  for (const [name, file] of pageFiles) {
    service.get(`/page/${name}`, page, (request, reply) => send(request, reply, file))
  }
}

const page = { config: { access: 'read' }, schema: { hide: true } as object } as const

function send(request: FastifyRequest, reply: FastifyReply, { type, text, etag }: PageFile): FastifyReply {
  reply.headers({ ...headers, etag }).type(type)
  return isKnown(request, etag) ? reply.code(304).send() : reply.send(text)
}
