import { isBatonError } from '@baton/model'
import type { Service } from '@baton/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type PageFile, pageFiles, shell } from '../page/files.ts'
import type { Ports } from '../ports.ts'
import { isKnown } from './etag.ts'

/** Whether what a view's address names is there. */
type IsThere = (ports: Ports, params: Record<string, string>) => Promise<boolean>

/** The views. Their documents are all the same; one of something that is not there says so with its status as well. */
const views: Readonly<Record<string, IsThere>> = {
  '/': async () => true,
  '/ledger': async () => true,
  '/pipelines/:pipeline': async ({ builds }, { pipeline }) =>
    (await builds.list({ pipeline, limit: 1 })).length > 0 ||
    (await builds.listPipelines()).some((row) => row.pipeline === pipeline),
  '/builds/:pipeline/:number': async ({ builds }, { pipeline = '', number = '' }) =>
    /^\d{1,9}$/.test(number) && (await builds.get(pipeline, Number(number)).then(() => true, isUnknown)),
}

/** @returns false for a build that is not there @throws any other error */
function isUnknown(error: unknown): false {
  if (isBatonError(error, 'BUILD_UNKNOWN')) return false
  throw error
}

/** `todo/deploy` as people type it; in an address of one pipeline its slash is %2F. */
const typed: Readonly<Record<string, (params: Record<string, string>) => string>> = {
  '/pipelines/:slug/:name': ({ slug, name }) => `/pipelines/${encodeURIComponent(`${slug}/${name}`)}`,
  '/builds/:slug/:name/:number': ({ slug, name, number }) =>
    `/builds/${encodeURIComponent(`${slug}/${name}`)}/${encodeURIComponent(number ?? '')}`,
}

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

/** Of every document and file of the page. */
export const pageHeaders = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  // The file of this release or none: documents and scripts of two releases do not fit together.
  'cache-control': 'no-cache',
}

/** The plain live page, and the files that it is made of. It holds no data: that comes from the API, as its caller may read. */
export function addPageRoutes(service: Service, ports: Ports): void {
  for (const [url, isThere] of Object.entries(views)) {
    service.get<{ Params: Record<string, string> }>(url, page, async (request, reply) => {
      if (!(await isThere(ports, request.params))) reply.code(404)
      return send(request, reply, shell)
    })
  }
  for (const [url, addressOf] of Object.entries(typed)) {
    service.get<{ Params: Record<string, string> }>(url, page, (request, reply) =>
      reply.redirect(addressOf(request.params), 301),
    )
  }
  for (const [name, file] of pageFiles) {
    service.get(`/page/${name}`, pageFile, (request, reply) => send(request, reply, file))
  }
}

const hidden = { schema: { hide: true } as object } as const
const page = { config: { access: 'read' }, ...hidden } as const
/** The same for everybody, and nobody's secret: a page that says no needs its style as well. */
const pageFile = { config: { access: 'open' }, ...hidden } as const

function send(request: FastifyRequest, reply: FastifyReply, { type, text, etag }: PageFile): FastifyReply {
  reply.headers({ ...pageHeaders, etag }).type(type)
  return reply.statusCode === 200 && isKnown(request, etag) ? reply.code(304).send() : reply.send(text)
}
