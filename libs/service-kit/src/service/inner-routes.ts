import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock/clock.ts'
import { listJobs } from '../jobs/job.ts'
import type { ServiceKit } from './kit.ts'
import type { ServiceOptions } from './service.ts'
import { aggregate, readJobs, readSystem, type StatusReading } from './status.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    inner?: 'health' | 'status' | 'metrics'
  }
}

/** Adds /health, /status and /metrics. Their `routeOptions.config.inner` names them for hooks of the service. */
export function addInnerRoutes(service: FastifyInstance, kit: ServiceKit, options: ServiceOptions, clock: Clock): void {
  const guarded = options.authorize === undefined ? {} : { onRequest: options.authorize }
  service.get('/health', { config: { inner: 'health' } }, (_request, reply) => {
    reply.header('cache-control', 'no-store')
    if (kit.stopping) reply.code(503).send({ status: 'stopping' })
    else reply.send({ status: 'ok' })
  })
  service.get('/status', { ...guarded, config: { inner: 'status' } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return await readStatus(service, kit, options, clock)
  })
  service.get('/metrics', { ...guarded, config: { inner: 'metrics' } }, async (_request, reply) => {
    reply.type(kit.registry.contentType)
    return await kit.registry.metrics()
  })
}

async function readStatus(
  service: FastifyInstance,
  kit: ServiceKit,
  options: ServiceOptions,
  clock: Clock,
): Promise<object> {
  const jobs = listJobs()
  const details: Record<string, StatusReading> = {
    ...(await kit.readDetails()),
    ...(jobs.length > 0 ? { jobs: readJobs(jobs) } : {}),
  }
  const status = aggregate(Object.values(details), options.statusAggregation ?? 'strict')
  const { name, version, commit, config } = options
  const message = messageOf(details)
  return {
    application: { name, version, commit, status, message, stopping: kit.stopping, config, details },
    system: readSystem(addressOf(service), kit.startedAt, clock),
  }
}

function messageOf(details: Record<string, StatusReading>): string {
  const unwell = Object.entries(details).filter(([, { status }]) => status !== 'ok')
  return unwell.length === 0
    ? 'everything is fine'
    : unwell.map(([name, { message }]) => `${name}: ${message}`).join('; ')
}

function addressOf(service: FastifyInstance): { host: string; port: number } | undefined {
  const address = service.server.address() as AddressInfo | string | null
  return address === null || typeof address === 'string' ? undefined : { host: address.address, port: address.port }
}
