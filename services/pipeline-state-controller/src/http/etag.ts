import type { FastifyRequest } from 'fastify'

/** Whether the caller has this version already (RFC 9110, If-None-Match): it is answered 304, without a body. */
export function isKnown(request: FastifyRequest, etag: string): boolean {
  const known = request.headers['if-none-match']
  if (known === undefined) return false
  return known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}
