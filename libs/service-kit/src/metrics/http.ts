import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metric, Registry } from 'prom-client'
import { type Durations, DurationsByLabels } from './durations.ts'

const bucketSeconds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10, 30]

/** Measures every answered request by the pattern of its route, never by its path: the number of series stays small. */
export function measureRequests(service: FastifyInstance, registry: Registry): void {
  const all = new DurationsByLabels({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its answer, by route pattern; event streams are left out.',
    buckets: bucketSeconds,
  })
  registry.registerMetric(all as unknown as Metric)
  // By what Fastify keeps one of for each route, so that a request finds its series without hashing labels.
  const series = new WeakMap<object, Map<string, Durations>>()
  service.addHook('onResponse', (request, reply, done) => {
    if (isEventStream(request)) return done()
    const { method } = request
    const { config, url = 'unknown' } = request.routeOptions
    const ofRoute = series.get(config) ?? new Map<string, Durations>()
    if (ofRoute.size === 0) series.set(config, ofRoute)
    const key = method + reply.statusCode
    const durations = ofRoute.get(key) ?? all.of({ method, route: url, status_code: reply.statusCode })
    ofRoute.set(key, durations)
    durations.add(reply.elapsedTime / 1_000)
    done()
  })
}

/** An answer that is sent past Fastify leaves no type behind, but whoever wants a stream has to say so. */
function isEventStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.startsWith('text/event-stream') ?? false
}
