import type { FastifyInstance } from 'fastify'
import { Histogram, type Registry } from 'prom-client'

const bucketSeconds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10, 30]

/** Measures every answered request by the pattern of its route, never by its path: the number of series stays small. */
export function measureRequests(service: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its answer, by route pattern; event streams are left out.',
    labelNames: ['method', 'route', 'status_code'] as const,
    buckets: bucketSeconds,
    registers: [registry],
  })
  service.addHook('onResponse', (request, reply, done) => {
    const type = String(reply.raw.getHeader('content-type') ?? '')
    if (!type.startsWith('text/event-stream')) {
      const labels = {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        status_code: reply.statusCode,
      }
      duration.observe(labels, reply.elapsedTime / 1_000)
    }
    done()
  })
}
