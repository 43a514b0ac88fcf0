import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../clock/clock.ts'
import { listJobs } from '../jobs/job.ts'
import type { ServiceKit } from './kit.ts'
import type { ServiceOptions } from './service.ts'
import { aggregate, readJobs, readSystem, type StatusLevel, type StatusReading, type SystemReading } from './status.ts'

/** What /status tells, to machines as JSON and to a person as a page. */
export interface StatusReport {
  readonly application: {
    readonly name: string
    readonly version: string
    readonly commit: string | undefined
    readonly status: StatusLevel
    readonly message: string
    readonly stopping: boolean
    readonly config: Record<string, unknown>
    readonly details: Readonly<Record<string, StatusReading>>
  }
  readonly system: SystemReading
}

/** Reads everything a service knows about itself; takes as long as its slowest detail may. */
export async function readReport(
  service: FastifyInstance,
  kit: ServiceKit,
  options: ServiceOptions,
  clock: Clock,
): Promise<StatusReport> {
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
