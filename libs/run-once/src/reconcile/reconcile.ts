import { isTaskOver } from '@baton/marathon'
import type { Log } from '@baton/service-kit'
import { type Ended, type Lane, type OpenAttempt, pause, type StateClient } from '@baton/state-client'
import { isOurAppId, laneSelector } from '../app/labels.ts'
import type { Marathon, SeenApp, SeenTask } from '../marathon/marathon.ts'

export interface ReconcileOptions {
  readonly lane: Lane
  readonly installation: string
  readonly state: StateClient
  readonly marathon: Marathon
  readonly log: Log
}

export interface Reconciled {
  /** Apps without an open attempt, deleted. */
  readonly deleted: number
  /** Attempts whose end was told. */
  readonly ended: number
}

/**
 * Tells the end of each open attempt whose app or claimed task is not there any more, or has ended.
 *
 * The attempts are listed before the apps: one that was placed by then has had its app posted, so an app that is
 * missing afterwards is gone. The other way round, an app posted in between would look lost.
 */
export async function tellEnds(options: ReconcileOptions, signal: AbortSignal): Promise<number> {
  const { installation, lane, marathon, state } = options
  const attempts = (await state.listOpenAttempts(lane)).filter(({ appId }) => isOurAppId(installation, appId))
  if (attempts.length === 0) return 0
  const apps = new Map((await marathon.listApps(laneSelector(installation, lane))).map((app) => [app.id, app]))
  const suspects = attempts.filter((attempt) => !attempt.over && judge(attempt, apps.get(attempt.appId)) !== undefined)
  // A list may be a moment old, and a Marathon that has just started may not have found all its tasks again. An end cannot
  // be taken back, so whoever is missing is looked for once more.
  if (suspects.some((attempt) => judge(attempt, apps.get(attempt.appId))?.missing)) await pause(missingMs, signal)
  let told = 0
  for (const attempt of suspects) {
    signal.throwIfAborted()
    if (await tellEnd(options, attempt)) told += 1
  }
  return told
}

const missingMs = 1_000

async function tellEnd({ marathon, state, log }: ReconcileOptions, attempt: OpenAttempt): Promise<boolean> {
  const end = judge(attempt, await marathon.findApp(attempt.appId))
  if (end === undefined) return false
  const { taskId, state: taskState, message } = end
  log.info({ ...attempt, end }, 'end found by reconciling')
  await state.ended(attempt.pipeline, attempt.number, attempt.attempt, { taskId, state: taskState, message })
  return true
}

interface Judged extends Ended {
  /** Nothing says that it ended, but it is not there. */
  readonly missing: boolean
}

/** What Marathon's app says about an attempt's end. Nothing: it may still run, or is not posted yet. */
export function judge(attempt: Pick<OpenAttempt, 'placed' | 'taskId'>, app: SeenApp | undefined): Judged | undefined {
  const { placed, taskId } = attempt
  if (app === undefined) {
    const gone = { taskId: null, state: 'APP_GONE', message: 'Marathon has no such app', missing: true }
    return placed || taskId !== null ? gone : undefined
  }
  const tasks = app.tasks ?? []
  if (taskId === null) {
    const ended = tasks.find((task) => isTaskOver(task.state ?? ''))
    return ended && { ...endOf(ended), message: 'it ended before it claimed' }
  }
  const claimed = tasks.find((task) => task.id === taskId)
  if (claimed !== undefined) return isTaskOver(claimed.state ?? '') ? endOf(claimed) : undefined
  return { taskId, state: 'TASK_GONE', message: 'Marathon does not list the task any more', missing: true }
}

const endOf = ({ id, state = '' }: SeenTask): Judged => ({ taskId: id, state, message: 'found ended', missing: false })

/**
 * Deletes apps of this installation and lane that belong to no open attempt.
 *
 * Here the apps are listed first: an attempt is opened before its app is posted, so an app that was there and belongs to
 * no attempt that is open afterwards belongs to one that was removed.
 */
export async function deleteStrays(options: ReconcileOptions, signal: AbortSignal): Promise<number> {
  const { installation, lane, marathon, state, log } = options
  const apps = await marathon.listApps(laneSelector(installation, lane))
  if (apps.length === 0) return 0
  const open = new Set((await state.listOpenAttempts(lane)).map(({ appId }) => appId))
  const strays = apps.filter((app) => !open.has(app.id) && isStrayOurs(options, app))
  for (const { id } of strays) {
    signal.throwIfAborted()
    log.warn({ appId: id }, 'app without an open attempt deleted')
    await marathon.deleteApp(id)
  }
  return strays.length
}

const isStrayOurs = ({ installation, lane }: ReconcileOptions, app: SeenApp): boolean =>
  isOurAppId(installation, app.id) &&
  app.labels?.['BATON_INSTALLATION'] === installation &&
  app.labels['BATON_LANE'] === lane

/** Holds Marathon's apps against the open attempts, both ways. May be repeated, and run by several at once. */
export async function reconcile(options: ReconcileOptions, signal: AbortSignal): Promise<Reconciled> {
  const ended = await tellEnds(options, signal)
  return { ended, deleted: await deleteStrays(options, signal) }
}
