import type { FastifyInstance, FastifyRequest } from 'fastify'
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
    if (!isEventStream(request)) {
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

/** An answer that is sent past Fastify leaves no type behind, but whoever wants a stream has to say so. */
function isEventStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.startsWith('text/event-stream') ?? false
}
