import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock/clock.ts'
import { prefersHtml } from '../status-page/accept.ts'
import { renderStatusPage } from '../status-page/page.ts'
import { pageHeaders } from '../status-page/style.ts'
import type { ServiceKit } from './kit.ts'
import { readReport } from './report.ts'
import type { ServiceOptions } from './service.ts'

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
  service.get('/status', { ...guarded, config: { inner: 'status' } }, async (request, reply) => {
    reply.header('cache-control', 'no-store').header('vary', 'accept')
    const report = await readReport(service, kit, options, clock)
    if (!prefersHtml(request.headers.accept)) return report
    return reply.headers(pageHeaders).type('text/html; charset=utf-8').send(renderStatusPage(report))
  })
  service.get('/metrics', { ...guarded, config: { inner: 'metrics' } }, async (_request, reply) => {
    reply.type(kit.registry.contentType)
    return await kit.registry.metrics()
  })
}
