import type { Log } from '../log/log.ts'
import { withoutRequest } from '../log/request-context.ts'
import { maskUrls } from '../mask/mask.ts'

export interface JobStatus {
  readonly name: string
  readonly state: 'waiting' | 'running' | 'stopped'
  readonly runs: number
  readonly failures: number
  /** When it runs again, while it waits. */
  readonly nextAt: string | undefined
  readonly last: { startedAt: string; durationMs: number; result: 'ok' | 'failed'; message?: string } | undefined
}

export interface Job {
  /** Runs the work now, or once more right after the run that is going on. Waking it often is the same as once. */
  wake(): void
  /** Starts no further run, aborts the signal of a run that is going on and waits for it, `stopMs` at most. */
  stop(): Promise<void>
  status(): JobStatus
}

export interface JobOptions {
  readonly name: string
  readonly pauseMs: number
  /** How much a pause may differ from `pauseMs`, as a share of it: 0.1 unless given. Instances then do not march in step. */
  readonly jitter?: number
  /** How long `stop` waits for a run that does not hear its signal. */
  readonly stopMs?: number
  readonly log: Log
  work(signal: AbortSignal): Promise<void>
}

const running = new Set<Job>()

/** Every job of this process that was started and not stopped, for /status and /metrics. */
export function listJobs(): JobStatus[] {
  return [...running].map((job) => job.status())
}

/**
 * Runs `work` now, and again `pauseMs` after it ended, for ever. Runs never overlap. A run that throws is logged and
 * counted, and changes nothing about the next.
 */
export function startJob(options: JobOptions): Job {
  const loop = new JobLoop(options)
  const job: Job = {
    wake: () => withoutRequest(() => loop.wake()),
    stop: () => loop.stop().finally(() => running.delete(job)),
    status: () => loop.status(),
  }
  running.add(job)
  job.wake()
  return job
}

class JobLoop {
  readonly #options: JobOptions
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #run: Promise<void> | undefined
  #again = false
  #runs = 0
  #failures = 0
  #nextAt: Date | undefined
  #last: JobStatus['last']

  constructor(options: JobOptions) {
    this.#options = options
  }

  wake(): void {
    if (this.#stopping.signal.aborted) return
    if (this.#run !== undefined) {
      this.#again = true
      return
    }
    clearTimeout(this.#timer)
    this.#nextAt = undefined
    this.#run = this.#runOnce().finally(() => this.#rest())
  }

  #rest(): void {
    this.#run = undefined
    if (this.#stopping.signal.aborted) return
    const { pauseMs, jitter = 0.1 } = this.#options
    const restMs = this.#again ? 0 : Math.max(0, pauseMs * (1 + jitter * (2 * Math.random() - 1)))
    this.#again = false
    this.#nextAt = new Date(Date.now() + restMs)
    this.#timer = setTimeout(() => this.wake(), restMs)
  }

  async #runOnce(): Promise<void> {
    const { name, log, work } = this.#options
    const startedAt = new Date().toISOString()
    const from = performance.now()
    let failure: { error: unknown } | undefined
    try {
      // Not before `startJob` has returned: work may name its own job.
      await Promise.resolve()
      await work(this.#stopping.signal)
    } catch (error) {
      failure = { error }
    }
    const durationMs = Math.round(performance.now() - from)
    this.#runs += 1
    if (failure === undefined || this.#stopping.signal.aborted) {
      this.#last = { startedAt, durationMs, result: 'ok' }
      return
    }
    this.#failures += 1
    this.#last = { startedAt, durationMs, result: 'failed', message: messageOf(failure.error) }
    log.error({ err: failure.error, job: name }, 'job failed')
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    this.#nextAt = undefined
    if (this.#run === undefined) return
    const { name, log, stopMs = 5_000 } = this.#options
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, stopMs, 'late')
    })
    if ((await Promise.race([this.#run, limit])) === 'late') log.warn({ job: name, stopMs }, 'job did not stop in time')
    clearTimeout(timer)
  }

  status(): JobStatus {
    const stopped = this.#stopping.signal.aborted
    const state = this.#run !== undefined ? 'running' : stopped ? 'stopped' : 'waiting'
    const { name } = this.#options
    return {
      name,
      state,
      runs: this.#runs,
      failures: this.#failures,
      nextAt: this.#nextAt?.toISOString(),
      last: this.#last,
    }
  }
}

function messageOf(error: unknown): string {
  return maskUrls(error instanceof Error ? error.message : String(error))
}
