import { createHash } from 'node:crypto'
import { BatonError, isBatonError, isSlug } from '@baton/model'
import { type Clock, crashPoint, type Log, type Service, systemClock } from '@baton/service-kit'
import { type Delivery, type DeliveryAnswer, type Repository, repeat, type StateClient } from '@baton/state-client'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { intakeErrors } from '../errors.ts'
import { changesMax, type Forge, forges, type Header } from './forges.ts'
import { KnownRepositories } from './known-repositories.ts'
import { Looks } from './looks.ts'
import { readBody } from './read-body.ts'
import type { Signed } from './signature.ts'

export interface HookOptions {
  /** With a service token. */
  readonly state: StateClient
  readonly log: Log
  readonly clock?: Clock
}

/** GitHub sends up to 25 MB. */
const bodyBytesMax = 26_214_400
/** Forges wait about ten seconds for an answer and hardly send again: a controller that restarts is waited for. */
const deliverTriesMax = 8
const retryAfterS = 5

interface Heard {
  readonly name: string
  readonly forge: Forge
  readonly header: Header
  readonly raw: Buffer
}

/**
 * POST /hooks/:forge. A signed hook is answered 200 once its entries are durable, an unsigned one only has the remote
 * looked at, a forged one is refused and leaves nothing.
 */
export function registerHooks(service: Service, options: HookOptions): void {
  const { state, log, clock = systemClock } = options
  const known = new KnownRepositories(state, clock)
  const looks = new Looks(state, log)

  async function receive(heard: Heard, slug: string | undefined, reply: FastifyReply): Promise<unknown> {
    const body = readBody(heard.raw, heard.header('content-type'), heard.name)
    if (heard.forge.event(heard.header, body) !== 'push') return { ignored: 'this event changes no ref' }
    const push = heard.forge.push(body, heard.header)
    const names = slug === undefined ? push.names : [slug]
    if (names.length === 0) throw malformed(heard, push.wrong ?? 'it does not name a repository')
    const repository = await known.find(names)
    if (repository === undefined) throw intakeErrors.REPOSITORY_UNKNOWN({ names: names.slice(0, 3).join(', ') })
    const signed = await check(heard, repository)
    if (signed === 'forged') throw intakeErrors.HOOK_FORGED({ repository: repository.slug })
    if (push.wrong !== undefined) throw malformed(heard, push.wrong)
    if (signed === 'unsigned') {
      await looks.look(repository.slug)
      return reply.code(202).send({ look: true })
    }
    return await deliver(repository, deliveryOf(heard, push.changes))
  }

  async function check({ forge, header, raw }: Heard, { slug }: Repository): Promise<Signed> {
    const signed = forge.signed(header, raw, await known.getSecret(slug))
    return signed === 'forged' ? forge.signed(header, raw, await known.getSecret(slug, true)) : signed
  }

  async function deliver({ slug }: Repository, delivery: Delivery): Promise<DeliveryAnswer> {
    crashPoint('hook.before-deliver')
    const answer = await repeat(() => state.deliver(slug, delivery), { triesMax: deliverTriesMax }).catch((error) => {
      if (isBatonError(error, 'REPOSITORY_UNKNOWN')) known.forget(slug)
      throw error
    })
    crashPoint('hook.after-deliver')
    log.info({ repository: slug, delivery: delivery.id, entries: answer.entries.length }, 'hook delivered')
    return answer
  }

  void service.register(async (scope) => {
    // The signature is over the bytes as they came, so nothing is parsed before it is checked.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post('/hooks/:forge', { bodyLimit: bodyBytesMax }, async (request, reply) => {
      try {
        return await receive(hear(request), readSlug(request), reply)
      } catch (error) {
        if (error instanceof BatonError && error.kind === 'unavailable') reply.header('retry-after', retryAfterS)
        throw error
      }
    })
  })
}

function hear(request: FastifyRequest): Heard {
  const { forge: name = '' } = request.params as { forge?: string }
  const forge = Object.hasOwn(forges, name) ? forges[name] : undefined
  if (forge === undefined) {
    const known = Object.keys(forges).map((one) => `/hooks/${one}`)
    throw intakeErrors.FORGE_UNKNOWN({ forge: name.slice(0, 40), known: known.join(', ') })
  }
  const header: Header = (key) => {
    const value = request.headers[key]
    return Array.isArray(value) ? value[0] : value
  }
  return { name, forge, header, raw: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0) }
}

function readSlug(request: FastifyRequest): string | undefined {
  const { repository } = request.query as Record<string, unknown>
  if (repository === undefined) return undefined
  if (typeof repository === 'string' && isSlug(repository)) return repository
  throw intakeErrors.REPOSITORY_UNKNOWN({ names: String(repository).slice(0, 80) })
}

function malformed({ name }: Heard, why: string): Error {
  return intakeErrors.HOOK_MALFORMED({ forge: name, why })
}

function deliveryOf({ name, forge, header, raw }: Heard, changes: readonly Delivery['changes'][number][]): Delivery {
  const digest = createHash('sha256').update(raw).digest('hex')
  const id = forge.delivery(header)?.slice(0, 100) ?? 'body'
  // Ids are only as unique as the forge makes them: what it told belongs to it.
  const told = createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 16)
  return {
    id: id === 'body' ? `${name}:${digest}` : `${name}:${id}:${told}`,
    digest,
    changes: changes.slice(0, changesMax),
  }
}
