import type { Service } from '@baton/service-kit'
import { maskUrls } from '@baton/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AttemptName } from '../attempts/attempt-store.ts'
import { errors } from '../errors.ts'
import { isSame } from '../keys/keys.ts'
import type { Ports } from '../ports.ts'

/** Who may call a route. A route that names none needs an admin. */
export type Access = 'open' | 'read' | 'change' | 'service' | 'attempt' | 'admin'

/** Whom the controller takes a caller for. */
export interface Caller {
  readonly name: string
  readonly role: 'admin' | 'service' | 'read' | 'build' | 'nobody'
  /** The attempt that a build's token belongs to. */
  readonly attempt?: AttemptName
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    caller: Caller
  }
}

export interface AccessOptions {
  readonly ports: Pick<Ports, 'tokens' | 'attempts'>
  readonly adminToken: string
  readonly serviceToken: string
  /** Reading needs no token. */
  readonly openReads: boolean
}

const roles: Readonly<Record<Exclude<Access, 'open'>, readonly Caller['role'][]>> = {
  read: ['admin', 'service', 'read'],
  change: ['admin', 'service'],
  service: ['admin', 'service'],
  attempt: ['build', 'service'],
  admin: ['admin'],
}

export const nobody: Caller = { name: 'nobody', role: 'nobody' }
export const sessionCookie = 'baton_session'
const bearer = /^Bearer ([\x21-\x7e]{1,1000})$/i
const changing = new Set(['POST', 'PUT', 'DELETE', 'PATCH'])

/** Checks each request before anything else: deny by default. */
export function addAccess(service: Service, options: AccessOptions): void {
  // Set for each request by the hook below; a shared object could leak from one request into the next.
  service.decorateRequest('caller', null as never)
  service.addHook('onRequest', async (request, reply) => {
    const { inner } = request.routeOptions.config
    if (inner === 'health' || request.is404) return
    await allow(request, reply, inner === undefined ? (request.routeOptions.config.access ?? 'admin') : 'read', options)
  })
}

async function allow(request: FastifyRequest, reply: FastifyReply, access: Access, options: AccessOptions) {
  request.caller = await findCaller(request, options)
  const { role } = request.caller
  // Whoever shows a token wants to be somebody: one that is not known is told so, also where nobody would do. Other
  // services ask by it whom they speak to. A browser's session may just be an old one.
  const isStranger = role === 'nobody' && request.headers.authorization !== undefined
  if (access === 'open' || (access === 'read' && options.openReads && role !== 'build' && !isStranger)) return
  if (roles[access].includes(role)) return
  if (role !== 'nobody') throw errors.TOKEN_FORBIDDEN({ role })
  reply.header('www-authenticate', 'Bearer realm="baton", Basic realm="baton"')
  throw tokenOf(request) === undefined ? errors.TOKEN_MISSING() : errors.TOKEN_UNKNOWN()
}

async function findCaller(request: FastifyRequest, options: AccessOptions): Promise<Caller> {
  const token = tokenOf(request)
  if (token === undefined) return nobody
  if (isSame(token, options.adminToken)) return { name: 'admin', role: 'admin' }
  if (isSame(token, options.serviceToken)) return { name: 'service', role: 'service' }
  const { tokens, attempts } = options.ports
  if (token.startsWith('bb_')) {
    const attempt = await attempts.findByToken(token)
    return attempt === undefined ? nobody : { name: `${attempt.pipeline}#${attempt.number}`, role: 'build', attempt }
  }
  return (await tokens.find(token, new Date())) ?? nobody
}

/** Bearer; Basic with the token as the password, for monitors that know nothing else; or a browser's session. */
function tokenOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return sessionOf(request)
  const basic = /^Basic ([A-Za-z0-9+/=]{1,2000})$/i.exec(header)?.[1]
  if (basic === undefined) return bearer.exec(header)?.[1] ?? ''
  const pair = Buffer.from(basic, 'base64').toString('utf8')
  return pair.slice(pair.indexOf(':') + 1)
}

/** A session counts for requests of our own pages only: another site's form cannot use it. */
function sessionOf(request: FastifyRequest): string | undefined {
  const cookies = (request.headers.cookie ?? '').split(/;\s*/)
  const session = cookies.find((one) => one.startsWith(`${sessionCookie}=`))?.slice(sessionCookie.length + 1)
  if (session === undefined) return undefined
  const { origin, host } = request.headers
  const isOurs = origin === undefined ? !changing.has(request.method) : safeHost(origin) === host
  return isOurs ? session : undefined
}

function safeHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

/** Who gets addresses of repositories whole: they may hold a password. */
export function shownUrl(caller: Caller, url: string): string {
  return caller.role === 'admin' || caller.role === 'service' ? url : maskUrls(url)
}

/**
 * The attempt in the path, as this caller may write to it. A build's token is for its own attempt alone.
 * @throws ATTEMPT_FENCED, as for one that was overtaken: the process ends itself
 */
export function writerOf(request: FastifyRequest, name: AttemptName): 'process' | 'salvage' {
  const { role, attempt } = request.caller
  if (role !== 'build') return 'salvage'
  const isOwn =
    attempt?.pipeline === name.pipeline && attempt.number === name.number && attempt.attempt === name.attempt
  if (!isOwn) throw errors.TOKEN_FORBIDDEN({ role })
  return 'process'
}
