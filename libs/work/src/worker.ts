import { setMaxListeners } from 'node:events'
import { backoffMs, isBatonError } from '@baton/model'
import { type Clock, crashPoint, type Log, systemClock } from '@baton/service-kit'
import {
  isUnavailable,
  type OutcomeOf,
  pause,
  repeat,
  type StateClient,
  type Taken,
  type Work,
  type WorkKind,
} from '@baton/state-client'
import { holdLease, LeaseLost } from './lease.ts'
import { growingPauseMs } from './pause.ts'

export type WorkOf<K extends WorkKind> = Extract<Work, { kind: K }>

export interface WorkerOptions<K extends WorkKind> {
  readonly kind: K
  readonly owner: string
  readonly state: StateClient
  readonly log: Log
  readonly clock?: Clock
  /** How many items are worked on at once. */
  readonly activeMax: number
  /** Does the work and says what came of it. Whatever it throws gives the work back, to be tried again later. */
  handle(work: WorkOf<K>, signal: AbortSignal): Promise<OutcomeOf<K>>
  /** How long it rests then, in ms; growing pauses unless given. `failures`: how often in a row it was given back here. */
  retryMs?(error: unknown, work: WorkOf<K>, failures: number): number
}

export interface Worker {
  /** Takes nothing more, gives back what is not finished, and waits for that, a few seconds at most. */
  stop(): Promise<void>
  status(): WorkerStatus
}

export interface WorkerStatus {
  readonly active: number
  readonly done: number
  readonly released: number
  /** Why the controller hands out nothing, while it does not. */
  readonly away: string | null
}

const takeWaitMs = 20_000
const awayPauseFirstMs = 50
const awayPauseMaxMs = 2_000
/** A take that comes back empty sooner was not waited for: the controller is about to stop. */
const emptyMinMs = 500
const emptyPauseMs = 100
const rememberedMax = 1_000
const doneTriesMax = 8
const stopMaxMs = 5_000

/** Takes work of one kind with one long poll, and works on up to `activeMax` items side by side, until stopped. */
export function startWorker<K extends WorkKind>(options: WorkerOptions<K>): Worker {
  const loop = new WorkerLoop(options)
  const ended = loop.run()
  return {
    stop: async () => {
      loop.stopping.abort(new Error('stopping'))
      const patience = new AbortController()
      const tooLong = pause(stopMaxMs, patience.signal).catch(() => {})
      await Promise.race([Promise.all([ended, ...loop.active]), tooLong])
      patience.abort()
    },
    status: () => ({ active: loop.active.size, done: loop.done, released: loop.released, away: loop.away }),
  }
}

class WorkerLoop<K extends WorkKind> {
  readonly stopping = new AbortController()
  readonly active = new Set<Promise<void>>()
  done = 0
  released = 0
  away: string | null = null
  readonly #options: WorkerOptions<K>
  readonly #clock: Clock
  /** How often each item was given back in a row, for growing pauses. */
  readonly #failures = new Map<string, number>()

  constructor(options: WorkerOptions<K>) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    // Every lease listens to it, and that is many by intent.
    setMaxListeners(0, this.stopping.signal)
  }

  async run(): Promise<void> {
    const { signal } = this.stopping
    for (let failures = 0; !signal.aborted; ) {
      try {
        const fromMs = this.#clock.monotonicMs()
        const work = await this.#take()
        failures = 0
        if (work !== undefined) this.#start(work)
        else if (this.#clock.monotonicMs() - fromMs < emptyMinMs) await pause(emptyPauseMs, signal)
        if (this.active.size >= this.#options.activeMax) await Promise.race(this.active)
      } catch (error) {
        if (signal.aborted) return
        this.#noteAway(error)
        await pause(backoffMs(failures, awayPauseFirstMs, awayPauseMaxMs) * (0.5 + Math.random() / 2), signal).catch(
          () => {},
        )
        failures += 1
      }
    }
  }

  async #take(): Promise<WorkOf<K> | undefined> {
    const { kind, owner, state } = this.#options
    const work = await state.take({ kinds: [kind], owner, waitMs: takeWaitMs }, this.stopping.signal)
    if (this.away !== null) this.#options.log.info({ kind }, 'the State-Controller hands out work again')
    this.away = null
    return work as WorkOf<K> | undefined
  }

  /** A controller that is away is waited for quietly: one line when it goes. */
  #noteAway(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    const { kind, log } = this.#options
    if (this.away === null) log[isUnavailable(error) ? 'warn' : 'error']({ err: error, kind }, 'no work can be taken')
    this.away = why
  }

  #start(work: WorkOf<K>): void {
    const running = this.#workOn(work).finally(() => this.active.delete(running))
    this.active.add(running)
  }

  async #workOn(work: WorkOf<K>): Promise<void> {
    const { state, log, handle, kind } = this.#options
    // `place-build` and `place-meta` are one thing to do.
    const name = kind.split('-')[0]
    const lease = holdLease({ state, work, stop: this.stopping.signal, clock: this.#clock, log })
    try {
      const outcome = await handle(work, lease.signal)
      // The handler's type ties outcome and kind together; the compiler cannot follow that through the union.
      const done = state.done as (work: Taken, outcome: unknown) => Promise<void>
      await repeat(() => done(work, outcome), { triesMax: doneTriesMax })
      crashPoint(`${name}.after-done`)
      this.done += 1
      this.#failures.delete(work.id)
    } catch (error) {
      await this.#giveBack(work, error)
    } finally {
      lease.end()
    }
  }

  /** Never throws: what cannot be given back now is free once its lease runs out. */
  async #giveBack(work: WorkOf<K>, error: unknown): Promise<void> {
    const { state, log, kind } = this.#options
    if (error instanceof LeaseLost || isBatonError(error, 'WORK_MOVED_ON')) {
      log.info({ work: work.id, kind, why: error.message }, 'work moved on')
      return
    }
    const afterMs = this.stopping.signal.aborted ? 0 : this.#noteFailure(work, error)
    const why = error instanceof Error ? error.message : String(error)
    await state.release(work, afterMs, why).catch((cause: unknown) => {
      log.info({ err: cause, work: work.id, kind }, 'work not given back, its lease has to run out')
    })
    this.released += 1
  }

  /** @returns how long it rests, in ms */
  #noteFailure(work: WorkOf<K>, error: unknown): number {
    const { log, kind, retryMs } = this.#options
    const failures = (this.#failures.get(work.id) ?? 0) + 1
    if (this.#failures.size >= rememberedMax) this.#failures.clear()
    this.#failures.set(work.id, failures)
    const known = isBatonError(error) && error.kind !== 'conflict'
    log[known ? 'warn' : 'error']({ err: error, work: work.id, kind, failures }, 'work given back')
    return retryMs?.(error, work, failures) ?? growingPauseMs(failures)
  }
}
