import { isBatonError } from '@baton/model'
import { type Clock, type Log, systemClock } from '@baton/service-kit'
import type { Lane, PlacePayload, StateClient } from '@baton/state-client'
import { growingPauseMs, startWorker, type WorkerStatus } from '@baton/work'
import type { AppSettings } from './app/app-definition.ts'
import { errors } from './errors.ts'
import type { Fetch, Marathon } from './marathon/marathon.ts'
import { place } from './place/place.ts'
import { reconcile, tellEnds } from './reconcile/reconcile.ts'
import { remove } from './remove/remove.ts'
import { createSalvage } from './salvage/limited-salvage.ts'
import { AttemptBook } from './watch/attempt-book.ts'
import { Changes } from './watch/changes.ts'
import { createRefresh } from './watch/refresh.ts'
import { startWatcher } from './watch/watcher.ts'

export interface RunOnceOptions {
  readonly lane: Lane
  /** Names this process to the controller; each process has its own. */
  readonly owner: string
  readonly state: StateClient
  readonly marathon: Marathon
  /** Work of another installation is never touched. */
  readonly installation: string
  readonly log: Log
  readonly clock?: Clock
  readonly settings: AppSettings & {
    /** Attempts handed to Marathon side by side; 4 unless given. */
    readonly placersMax?: number
    /** Apps removed side by side; 16 unless given. */
    readonly removersMax?: number
  }
  /** Further files of an app: the toolchain of a meta-build. */
  extraFetch?(payload: PlacePayload): Fetch[]
}

export interface RunOnce {
  /** Takes nothing more and gives back what is unfinished. Apps run on; whoever comes next takes over. */
  stop(): Promise<void>
  status(): RunOnceStatus
}

export interface RunOnceStatus {
  readonly lane: Lane
  /** Whether Marathon's event stream is open. Without it ends are found by reconciling, later. */
  readonly listening: boolean
  readonly place: WorkerStatus
  readonly remove: WorkerStatus
  readonly reconcile: WorkerStatus & {
    readonly lastAt: string | null
    readonly deleted: number
    readonly ended: number
  }
}

/** Places, watches, removes and reconciles the run-once apps of one lane, until stopped. Any number may run side by side. */
export function startRunOnce(options: RunOnceOptions): RunOnce {
  const { lane, owner, state, marathon, installation, log, clock = systemClock, settings } = options
  const changes = new Changes()
  const book = new AttemptBook(state, lane)
  const deleting = new Set<string>()
  const tally = { lastAt: null as string | null, deleted: 0, ended: 0 }
  const workers = { owner, state, log, clock, retryMs: pauseAfter }
  const rescue = createSalvage({ marathon, log, attempts: state.attempts })
  const removing = { ...options, changes, clock, deleting, killGraceS: settings.killGraceS ?? 30, salvage: rescue }

  const placer = startWorker({
    ...workers,
    kind: `place-${lane}` as const,
    activeMax: settings.placersMax ?? 4,
    handle: async ({ payload }, signal) => {
      checkInstallation(installation, payload)
      book.remember(payload.appId, payload)
      const outcome = await place(options, payload, signal)
      const { pipeline, number, attempt, appId } = payload
      log.info({ pipeline, number, attempt, appId, refused: outcome.refused }, 'attempt handed to Marathon')
      return outcome
    },
  })
  const remover = startWorker({
    ...workers,
    kind: `remove-${lane}` as const,
    activeMax: settings.removersMax ?? 16,
    handle: async ({ payload }, signal) => {
      checkInstallation(installation, payload)
      const outcome = await remove(removing, payload, signal).finally(() => deleting.delete(payload.appId))
      book.forget(payload.appId)
      const { pipeline, number, attempt, appId } = payload
      log.info({ pipeline, number, attempt, appId }, 'attempt removed')
      return outcome
    },
  })
  const reconciler = startWorker({
    ...workers,
    kind: `reconcile-${lane}` as const,
    activeMax: 1,
    handle: async ({ payload }, signal) => {
      checkInstallation(installation, payload)
      const { deleted, ended } = await reconcile(options, signal)
      Object.assign(tally, { lastAt: clock.now().toISOString(), deleted: tally.deleted + deleted })
      tally.ended += ended
      return {}
    },
  })
  // What ended while nobody listened is told at once. Deleting strays waits for reconcile work, which names the
  // installation the database belongs to.
  const lookNow = createRefresh(log, async (signal) => {
    tally.ended += await tellEnds(options, signal)
  })
  const watcher = startWatcher({
    ...{ installation, lane, state, marathon, book, changes, log },
    isDeleting: (appId) => deleting.has(appId),
    onOpen: lookNow.wake,
  })

  return {
    stop: async () => {
      await Promise.all([placer.stop(), remover.stop(), reconciler.stop(), lookNow.stop(), watcher.stop()])
    },
    status: () => ({
      lane,
      listening: watcher.isOpen(),
      place: placer.status(),
      remove: remover.status(),
      reconcile: { ...reconciler.status(), ...tally },
    }),
  }
}

/** Where waiting does not help, only an operator, in ms. */
const hopelessPauseMs = 60_000
const hopeless: ReadonlySet<string> = new Set(['INSTALLATION_OTHER', 'APP_NOT_OURS'])

function pauseAfter(error: unknown, _work: unknown, failures: number): number {
  return isBatonError(error) && hopeless.has(error.code) ? hopelessPauseMs : growingPauseMs(failures)
}

/** A database of another installation must never make this process touch an app. @throws INSTALLATION_OTHER */
function checkInstallation(expected: string, payload: { installation: string }): void {
  if (payload.installation !== expected) throw errors.INSTALLATION_OTHER({ found: payload.installation, expected })
}
