import { integer, text } from '../config/setting.ts'
import type { Log } from '../log/log.ts'
import type { Component } from '../service/serve.ts'
import type { Service } from '../service/service.ts'
import { createGraphiteReporter } from './reporter.ts'

/** The settings of a service that reports to Graphite, for its own table. Without a host it does not. */
export const graphiteSettings = (service: string) => ({
  graphiteHost: text('GRAPHITE_HOST', { optional: true }),
  graphitePort: integer('GRAPHITE_PORT', { min: 1, max: 65_535, fallback: 2003 }),
  graphitePrefix: text('GRAPHITE_PREFIX', { fallback: `baton.${service}` }),
  graphiteIntervalMs: integer('GRAPHITE_INTERVAL_MS', { min: 1_000, max: 3_600_000, fallback: 10_000 }),
})

export interface GraphiteConfig {
  readonly graphiteHost: string | undefined
  readonly graphitePort: number
  readonly graphitePrefix: string
  readonly graphiteIntervalMs: number
}

/** Starts the reporter that the settings want, as a component to be closed; none without a host. */
export function openGraphite(service: Service, config: GraphiteConfig, log: Log): Component[] {
  if (config.graphiteHost === undefined) return []
  const reporter = createGraphiteReporter({
    url: `plaintext://${config.graphiteHost}:${config.graphitePort}`,
    prefix: config.graphitePrefix,
    intervalMs: config.graphiteIntervalMs,
    registry: service.kit.registry,
    log,
  })
  reporter.start()
  return [{ name: reporter.name, close: reporter.close }]
}
