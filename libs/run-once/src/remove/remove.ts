import { isTaskOver } from '@baton/marathon'
import { type Clock, crashPoint, type Log } from '@baton/service-kit'
import type { Lane, RemovePayload } from '@baton/state-client'
import { isOf, isOurAppId } from '../app/labels.ts'
import { errors } from '../errors.ts'
import type { Marathon, SeenApp } from '../marathon/marathon.ts'
import type { Changes } from '../watch/changes.ts'

export interface RemoveOptions {
  readonly lane: Lane
  readonly installation: string
  readonly marathon: Marathon
  readonly changes: Changes
  readonly clock: Clock
  readonly log: Log
  /** From SIGTERM to SIGKILL, in seconds: a task may take that long to be gone. */
  readonly killGraceS: number
  /** Apps whose DELETE was sent from here: what Marathon says of their ends from then on is no news. */
  readonly deleting: Set<string>
  /** Reads what the attempt left unsent. Called once nothing of it can write any more. */
  salvage(payload: RemovePayload, host: string | undefined, signal: AbortSignal): Promise<void>
}

/** A process that reported its result exits by itself; this long it is not disturbed. */
const exitWaitMs = 2_000
const pollMs = 250
/** Beyond the kill grace, for Marathon to notice. */
const goneMarginMs = 15_000

/**
 * Sees that nothing of an attempt is left: lets a process that reported exit by itself, deletes the app, sees its
 * processes gone, and reads what they left unsent. May be repeated from any point; the sandbox outlives the app.
 * @throws APP_NOT_OURS, APP_NOT_GONE, what Marathon says
 */
export async function remove(
  options: RemoveOptions,
  payload: RemovePayload,
  signal: AbortSignal,
): Promise<Record<string, never>> {
  if (!isOurAppId(options.installation, payload.appId)) {
    throw errors.INSTALLATION_OTHER({ found: payload.appId, expected: options.installation })
  }
  const app = await findOurs(options, payload, signal)
  if (app !== undefined) await deleteOurs(options, payload.appId, signal)
  await seeGone(options, payload.appId, signal)
  const host = app?.tasks?.find((task) => task.id === payload.taskId)?.host
  if (payload.salvage) await options.salvage(payload, host, signal)
  return {}
}

/**
 * The app, if there is one. The task of a process that reported is let end by itself, for a moment: killing it would be
 * as right, but look like a failure.
 */
async function findOurs(
  { marathon, changes, clock, lane }: RemoveOptions,
  payload: RemovePayload,
  signal: AbortSignal,
): Promise<SeenApp | undefined> {
  const { appId } = payload
  const hasReported = payload.taskId !== null && !payload.salvage
  const limits = { limitMs: exitWaitMs, pollMs, signal, nowMs: () => clock.monotonicMs() }
  let app: SeenApp | undefined
  await changes.until(appId, limits, async () => {
    app = await marathon.findApp(appId)
    if (app !== undefined && !isOf({ ...payload, lane }, app.labels)) throw errors.APP_NOT_OURS({ appId })
    return app === undefined || !hasReported || allEnded(app)
  })
  return app
}

async function deleteOurs(options: RemoveOptions, appId: string, signal: AbortSignal): Promise<void> {
  crashPoint('remove.before-delete')
  signal.throwIfAborted()
  options.deleting.add(appId)
  await options.marathon.deleteApp(appId)
  crashPoint('remove.after-delete')
}

const allEnded = (app: SeenApp): boolean => (app.tasks ?? []).every((task) => isTaskOver(task.state ?? ''))

/** An app is 404 at once after its DELETE, while its tasks are still dying and its deployment goes on: both have to be gone. */
async function seeGone(options: RemoveOptions, appId: string, signal: AbortSignal): Promise<void> {
  const { marathon, changes, clock } = options
  const limitMs = options.killGraceS * 1_000 + goneMarginMs
  const limits = { limitMs, pollMs, signal, nowMs: () => clock.monotonicMs() }
  const gone = await changes.until(appId, limits, async () => {
    if ((await marathon.findApp(appId)) !== undefined) return false
    return (await marathon.listDeployments()).every(({ affectedApps }) => !affectedApps.includes(appId))
  })
  if (!gone) throw errors.APP_NOT_GONE({ appId, seconds: limitMs / 1_000 })
}
