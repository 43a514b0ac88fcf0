import { cpus, hostname, loadavg } from 'node:os'
import type { Clock } from '../clock/clock.ts'
import { type JobStatus, listJobs } from '../jobs/job.ts'
import { maskedDeep, maskUrls } from '../mask/mask.ts'
import { type DiskSpace, findDiskSpace } from '../metrics/disk.ts'

/** From best to worst. */
const levels = ['ok', 'warning', 'error'] as const
export type StatusLevel = (typeof levels)[number]

export interface StatusReading {
  readonly status: StatusLevel
  readonly message: string
  readonly details?: unknown
}

/** One thing a service tells about itself: a dependency, a queue. Read when somebody looks. */
export interface StatusDetail {
  readonly name: string
  read(): Promise<StatusReading>
}

/** `strict`: the worst detail wins. `forgiving`: the best one does, for services with replaceable dependencies. */
export type StatusAggregation = 'strict' | 'forgiving'

export const detailLimitMs = 500

export function aggregate(readings: readonly StatusReading[], how: StatusAggregation): StatusLevel {
  const ranks = readings.map(({ status }) => levels.indexOf(status))
  if (ranks.length === 0) return 'ok'
  return levels[how === 'strict' ? Math.max(...ranks) : Math.min(...ranks)] ?? 'error'
}

/** Reads a detail; one that throws or takes longer than `limitMs` is an `error` that says so, and delays no other. */
export function createDetailReader(detail: StatusDetail, limitMs = detailLimitMs): () => Promise<StatusReading> {
  // A reading that hangs is not started a second time: whoever looks again waits for the same one.
  let reading: Promise<StatusReading> | undefined
  return async () => {
    reading ??= readSafely(detail).finally(() => {
      reading = undefined
    })
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<StatusReading>((resolve) => {
      timer = setTimeout(resolve, limitMs, { status: 'error', message: `no answer within ${limitMs} ms` })
    })
    return await Promise.race([reading, limit]).finally(() => clearTimeout(timer))
  }
}

async function readSafely(detail: StatusDetail): Promise<StatusReading> {
  try {
    // Details hold what others said: an address that could not be reached, with its password.
    return maskedDeep(await detail.read()) as StatusReading
  } catch (error) {
    return { status: 'error', message: maskUrls(error instanceof Error ? error.message : String(error)) }
  }
}

/** How the scheduled jobs of this process are: a job whose last run failed is a warning. */
export function readJobs(jobs: readonly JobStatus[] = listJobs()): StatusReading {
  const failed = jobs.filter(({ last }) => last?.result === 'failed').map(({ name }) => name)
  const message = failed.length === 0 ? `${jobs.length} jobs` : `failed the last time: ${failed.join(', ')}`
  return { status: failed.length === 0 ? 'ok' : 'warning', message, details: jobs }
}

export interface SystemReading {
  readonly hostname: string
  /** Where it listens; nothing if it does not. */
  readonly host: string | undefined
  readonly port: number | undefined
  readonly time: string
  readonly startedAt: string
  readonly uptimeSeconds: number
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number; readonly heapTotalBytes: number }
  readonly cpu: {
    readonly count: number
    readonly load1: number | undefined
    readonly userSeconds: number
    readonly systemSeconds: number
  }
  readonly disk: DiskSpace | undefined
  readonly node: string
  readonly pid: number
}

/** What /status says about machine and process. */
export function readSystem(
  listening: { host: string; port: number } | undefined,
  startedAt: Date,
  clock: Clock,
): SystemReading {
  const memory = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const now = clock.now()
  return {
    hostname: hostname(),
    host: listening?.host,
    port: listening?.port,
    time: now.toISOString(),
    startedAt: startedAt.toISOString(),
    uptimeSeconds: Math.round((now.getTime() - startedAt.getTime()) / 1_000),
    memory: { rssBytes: memory.rss, heapUsedBytes: memory.heapUsed, heapTotalBytes: memory.heapTotal },
    cpu: { count: cpus().length, load1: loadavg()[0], userSeconds: user / 1e6, systemSeconds: system / 1e6 },
    disk: findDiskSpace(),
    node: process.version,
    pid: process.pid,
  }
}
