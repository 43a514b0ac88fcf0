import { hostname } from 'node:os'
import type { Registry } from 'prom-client'
import { type Clock, systemClock } from '../clock/clock.ts'
import { type Job, startJob } from '../jobs/job.ts'
import type { Log } from '../log/log.ts'
import { asPathPart, listPoints } from './lines.ts'

export interface GraphiteOptions {
  /** Where Carbon takes lines: `plaintext://carbon.example:2003`. */
  readonly url: string
  /** First part of every path; may have dots. The host's name follows it. */
  readonly prefix: string
  /** This machine's name unless given; dots in it become underscores. */
  readonly host?: string
  readonly intervalMs: number
  readonly registry: Registry
  readonly log: Log
  readonly clock?: Clock
  /** How long one sending may take: 5 s unless given. */
  readonly sendMs?: number
  /** How many series are sent at most: 2,000 unless given. */
  readonly pointsMax?: number
}

export interface GraphiteReporter {
  readonly name: 'graphite'
  /** Sends now and every `intervalMs`. Starting twice is starting once. */
  start(): void
  /** How many times the figures were sent, and how many times they were lost. */
  counts(): { sent: number; lost: number }
  /** Sends the figures a last time, within `sendMs`, and closes the connection. Never rejects. */
  close(): Promise<void>
}

/**
 * Sends a registry to Graphite: every `intervalMs` from `start` on, and once at `close`, started or not. Figures that cannot be sent are lost and counted, nothing is kept for
 * later; the next sending makes a new connection. A Graphite that is slow, away or full neither stalls nor ends the process.
 */
export function createGraphiteReporter(options: GraphiteOptions): GraphiteReporter {
  const { registry, log, intervalMs, sendMs = 5_000, pointsMax = 2_000, clock = systemClock } = options
  const prefix = [options.prefix, asPathPart(options.host ?? hostname())].filter((part) => part !== '').join('.')
  const counts = { sent: 0, lost: 0 }
  let complained = false

  async function sendOnce(): Promise<void> {
    try {
      const points = listPoints(await registry.getMetricsAsJSON(), prefix, pointsMax)
      await send(options.url, points, clock.now(), sendMs)
      counts.sent += 1
      if (complained) log.info({ prefix }, 'graphite is back')
      complained = false
    } catch (err) {
      counts.lost += 1
      // Once for each outage, not once for each interval.
      if (!complained) log.warn({ err }, 'figures for graphite were lost')
      complained = true
    }
  }

  let job: Job | undefined
  return {
    name: 'graphite',
    start() {
      job ??= startJob({ name: 'graphite', pauseMs: intervalMs, log, stopMs: sendMs, work: sendOnce })
    },
    counts: () => ({ ...counts }),
    async close() {
      await job?.stop()
      await sendOnce()
    },
  }
}

/**
 * One connection for each sending: the package's socket does not notice by itself that it was cut, and a connection
 * left open would keep a process alive that has nothing else to do.
 * @throws if not everything was handed to the system within `limitMs`
 */
async function send(url: string, points: Record<string, number>, at: Date, limitMs: number): Promise<void> {
  // Loaded when it is needed: most services report to nobody.
  const { default: graphite } = await import('graphite')
  const client = graphite.createClient(url)
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`graphite took nothing within ${limitMs} ms`)), limitMs)
      client.write(points, at.getTime(), (error) => (error ? reject(error) : resolve()))
    })
    // Carbon may keep its side open for as long as it likes; the process need not wait for that.
    client._carbon._socket?._socket?.unref()
    client.end()
  } catch (error) {
    client._carbon._socket?.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
