import { hostname } from 'node:os'
import { backoffMs, isBatonError, renewalsPerLease } from '@baton/model'
import { crashPoint, type Log } from '@baton/service-kit'
import {
  isUnavailable,
  type OutcomeOf,
  pause,
  repeat,
  type StateClient,
  type Work,
  type WorkKind,
} from '@baton/state-client'

/** Whoever takes work is known by this: the task Marathon started, or the process. */
export const workOwner = (): string => process.env['MESOS_TASK_ID'] ?? `${hostname()}:${process.pid}`

export type WorkOf<K extends WorkKind> = Extract<Work, { kind: K }>

export interface WorkerOptions<K extends WorkKind> {
  readonly kind: K
  readonly state: StateClient
  readonly log: Log
  readonly owner?: string
  /** How much is worked on at once. */
  readonly concurrency: number
  /** Does the work. What it throws gives the work back, to be taken again after `retryMs`; the epoch counts the takes. */
  work(work: WorkOf<K>, signal: AbortSignal): Promise<OutcomeOf<K>>
  retryMs?(error: unknown, work: WorkOf<K>): number
}

export interface Worker {
  /** Takes nothing more; what is being worked on may end within `graceMs`, then it is given back. May be repeated. */
  stop(graceMs?: number): Promise<void>
  status(): { readonly working: number; readonly done: number; readonly failed: number; readonly away: boolean }
}

const waitMs = 20_000
const awayFirstMs = 50
const awayMaxMs = 2_000
const doneTriesMax = 12
const retryDefaultMs = 5_000
const stopGraceMs = 3_000

/** Takes work of one kind, does it, hands it in; renews its lease meanwhile. No error ends it. */
export function startWorker<K extends WorkKind>(options: WorkerOptions<K>): Worker {
  return new WorkerLoop(options)
}

class WorkerLoop<K extends WorkKind> implements Worker {
  readonly #options: WorkerOptions<K>
  readonly #owner: string
  readonly #stopping = new AbortController()
  readonly #abandoning = new AbortController()
  readonly #working = new Set<Promise<void>>()
  readonly #loop: Promise<void>
  #done = 0
  #failed = 0
  #away = false

  constructor(options: WorkerOptions<K>) {
    this.#options = options
    this.#owner = options.owner ?? workOwner()
    this.#loop = this.#run()
  }

  status() {
    return { working: this.#working.size, done: this.#done, failed: this.#failed, away: this.#away }
  }

  async stop(graceMs = stopGraceMs): Promise<void> {
    this.#stopping.abort()
    const timer = setTimeout(() => this.#abandoning.abort(), graceMs)
    await this.#loop
    await Promise.all(this.#working)
    clearTimeout(timer)
  }

  // One long poll, however much is worked on.
  async #run(): Promise<void> {
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted; ) {
      try {
        const work = await this.#take(signal)
        failures = 0
        this.#noteAway(false)
        if (work !== undefined) this.#start(work)
        if (this.#working.size >= this.#options.concurrency) await Promise.race(this.#working)
      } catch (error) {
        if (signal.aborted) return
        this.#noteAway(true, error)
        await pause(backoffMs(failures++, awayFirstMs, awayMaxMs), signal).catch(() => {})
      }
    }
  }

  #start(work: WorkOf<K>): void {
    const doing = this.#doOne(work).finally(() => this.#working.delete(doing))
    this.#working.add(doing)
  }

  async #take(signal: AbortSignal): Promise<WorkOf<K> | undefined> {
    const { kind, state } = this.#options
    return (await state.take({ kinds: [kind], owner: this.#owner, waitMs }, signal)) as WorkOf<K> | undefined
  }

  // A controller that is away is told of once, not with every try.
  #noteAway(away: boolean, err?: unknown): void {
    if (away === this.#away) return
    this.#away = away
    const { kind, log } = this.#options
    if (away) log.warn({ kind, err }, 'no work can be taken')
    else log.info({ kind }, 'work can be taken again')
  }

  async #doOne(work: WorkOf<K>): Promise<void> {
    const { kind, log } = this.#options
    const lost = new AbortController()
    const stopRenewing = this.#renew(work, lost)
    try {
      const outcome = await this.#options.work(work, AbortSignal.any([lost.signal, this.#abandoning.signal]))
      await repeat(() => this.#options.state.done(work as never, outcome), { triesMax: doneTriesMax })
      crashPoint(`${kind}.after-done`)
      this.#done += 1
    } catch (error) {
      this.#failed += 1
      if (isBatonError(error, 'WORK_MOVED_ON') || lost.signal.aborted)
        log.warn({ kind, work: work.id }, 'work moved on')
      else await this.#release(work, error)
    } finally {
      stopRenewing()
    }
  }

  async #release(work: WorkOf<K>, error: unknown): Promise<void> {
    const { kind, log, state, retryMs } = this.#options
    const abandoned = this.#abandoning.signal.aborted
    const afterMs = abandoned ? 0 : (retryMs?.(error, work) ?? retryDefaultMs)
    if (!abandoned)
      log[isUnavailable(error) ? 'warn' : 'error']({ kind, work: work.id, err: error, afterMs }, 'work given back')
    const why = error instanceof Error ? error.message : String(error)
    await state
      .release(work, afterMs, why)
      .catch((err: unknown) => log.warn({ err, work: work.id }, 'work not released'))
  }

  #renew(work: WorkOf<K>, lost: AbortController): () => void {
    const timer = setInterval(() => {
      this.#options.state.renew(work.id, work.epoch).catch((error: unknown) => {
        if (isBatonError(error, 'WORK_MOVED_ON')) lost.abort()
      })
    }, work.leaseMs / renewalsPerLease)
    return () => clearInterval(timer)
  }
}
