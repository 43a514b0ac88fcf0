import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { Registry } from 'prom-client'
import { type Clock, systemClock } from '../clock/clock.ts'
import type { Log } from '../log/log.ts'
import { withRequestId } from '../log/request-context.ts'
import { createRequestLog } from '../log/request-log.ts'
import { measureRequests } from '../metrics/http.ts'
import { addProcessMetrics } from '../metrics/process.ts'
import { addInnerRoutes } from './inner-routes.ts'
import { createKit, type ServiceKit } from './kit.ts'
import { answerError, answerUnknownRoute } from './problem.ts'
import type { StatusAggregation, StatusDetail } from './status.ts'
import { buildValidator } from './typed-bodies.ts'

export type Service = FastifyInstance & { readonly kit: ServiceKit }

export interface ServiceOptions {
  readonly name: string
  readonly version: string
  readonly commit?: string | undefined
  readonly log: Log
  /** As shown: secrets masked. It stands on /status. */
  readonly config: Record<string, unknown>
  readonly statusDetails?: readonly StatusDetail[]
  readonly statusAggregation?: StatusAggregation
  readonly registry?: Registry
  /** 1 MiB unless given. */
  readonly bodyLimitBytes?: number
  readonly clock?: Clock
  /** Who may read /status and /metrics: throws, or answers, if not. Everybody may unless given. /health is always open. */
  readonly authorize?: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

// A balancer in front keeps its idle connections for 60 s as a rule; ours must live longer, or it sends into a closed one.
const keepAliveMs = 72_000
const requestIdPattern = /^[\w.:-]{1,64}$/

/** A Fastify instance with everything each service has. It listens to nothing; `inject` works, and `serve` runs it. */
export function createService(options: ServiceOptions): Service {
  const service = Fastify({
    loggerInstance: options.log,
    // `serve` logs that it listens; requests show on /metrics and, refused, in the log.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: createRequestLog,
    genReqId: requestIdOf,
    bodyLimit: options.bodyLimitBytes ?? 1_048_576,
    keepAliveTimeout: keepAliveMs,
    // `serve` closes what is left after the drain.
    forceCloseConnections: 'idle',
    // A property that the schema does not know is a mistake to be told, not one to be dropped in silence.
    ajv: { customOptions: { removeAdditional: false } },
    schemaController: { compilersFactory: { buildValidator } },
    frameworkErrors: answerError,
  }) as unknown as FastifyInstance
  const clock = options.clock ?? systemClock
  const registry = options.registry ?? new Registry()
  const kit = createKit({ service, registry, startedAt: clock.now(), statusDetails: options.statusDetails ?? [] })
  service.decorate('kit', kit)
  service.setErrorHandler(answerError)
  service.setNotFoundHandler(answerUnknownRoute)
  service.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    // While a balancer still sends, it is asked to open its next connection elsewhere.
    if (kit.stopping) reply.header('connection', 'close')
    withRequestId(request.id, done)
  })
  // Again, because a body arrives in events of its connection, which know nothing of the request.
  service.addHook('preValidation', (request, _reply, done) => withRequestId(request.id, done))
  addProcessMetrics(registry)
  measureRequests(service, registry)
  addInnerRoutes(service, kit, options, clock)
  return service as Service
}

// Unlike any other process's, and a count: a random id for each request took a microsecond of it.
const idsOfProcess = randomUUID().replaceAll('-', '').slice(0, 16)
let requestCount = 0

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  if (typeof given === 'string' && requestIdPattern.test(given)) return given
  requestCount += 1
  return `${idsOfProcess}-${requestCount.toString(36)}`
}
