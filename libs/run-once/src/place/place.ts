import { isBatonError } from '@baton/model'
import { crashPoint, type Log } from '@baton/service-kit'
import type { Lane, PlacePayload } from '@baton/state-client'
import { type AppSettings, appDefinition, digestLabel } from '../app/app-definition.ts'
import { isOf, isOurAppId } from '../app/labels.ts'
import { errors } from '../errors.ts'
import type { AppDefinition, Fetch, Marathon } from '../marathon/marathon.ts'

export interface PlaceOptions {
  readonly lane: Lane
  readonly installation: string
  readonly marathon: Marathon
  readonly settings: AppSettings
  readonly log: Log
  extraFetch?(payload: PlacePayload): Fetch[]
}

/**
 * Hands one attempt to Marathon. May be repeated from any point: the same attempt has the same app id, and an app that
 * exists already is one that was posted.
 * @throws what says "not now"; MARATHON_REFUSED is an outcome
 */
export async function place(
  options: PlaceOptions,
  payload: PlacePayload,
  signal: AbortSignal,
): Promise<{ refused: string | null }> {
  if (!isOurAppId(options.installation, payload.appId)) {
    throw errors.INSTALLATION_OTHER({ found: payload.appId, expected: options.installation })
  }
  const app = appDefinition(options.lane, payload, options.settings, options.extraFetch?.(payload))
  crashPoint('place.before-post')
  signal.throwIfAborted()
  try {
    const posted = await options.marathon.createApp(app)
    crashPoint('place.after-post')
    return posted === 'created' ? { refused: null } : await judgeExisting(options, payload, app)
  } catch (error) {
    if (isBatonError(error, 'MARATHON_REFUSED')) return { refused: error.message.slice(0, refusalLengthMax) }
    throw error
  }
}

const refusalLengthMax = 2_000

/** An app of that id is there: ours from an earlier try, or somebody else's, which is never touched. */
async function judgeExisting(
  { marathon, lane, log }: PlaceOptions,
  payload: PlacePayload,
  app: AppDefinition,
): Promise<{ refused: string | null }> {
  const found = await marathon.findApp(app.id)
  if (found === undefined) throw errors.APP_VANISHED({ appId: app.id })
  if (!isOf({ ...payload, lane }, found.labels)) {
    return { refused: `an app ${app.id} that is not of this attempt exists already` }
  }
  // Posted by an earlier release or with other settings. A second app of one attempt is never the answer.
  if (found.labels?.[digestLabel] !== app.labels[digestLabel]) log.warn({ appId: app.id }, 'app posted differently')
  return { refused: null }
}
