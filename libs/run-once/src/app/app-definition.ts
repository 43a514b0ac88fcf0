import { createHash } from 'node:crypto'
import type { Lane, PlacePayload } from '@baton/state-client'
import type { AppDefinition, Fetch } from '../marathon/marathon.ts'
import { ownerLabels } from './labels.ts'

/** What is the same for every app of an installation. */
export interface AppSettings {
  /** The State-Controller's address as tasks reach it. */
  readonly taskStateUrl: string
  /** The account builds run as; without one, as the agent does it. */
  readonly buildUser?: string | undefined
  readonly allowLocalGit: boolean
  /** From SIGTERM to SIGKILL, in seconds; 30 unless given. */
  readonly killGraceS?: number | undefined
  /** Where a test may order crashes of run-once processes; see `crashPoint` of the service kit. */
  readonly crashDir?: string | undefined
}

/** The label that tells two definitions of one app apart. */
export const digestLabel = 'BATON_DEFINITION'

/**
 * A week. Marathon relaunches whatever ends, exit 0 too; this long a first wait leaves the platform time to delete the
 * app even if it was down (marathon-guide, section 3.2). The claim closes the holes that remain.
 */
const relaunchDelayS = 604_800

/** The one app of one attempt. A pure function: the same attempt and settings give the same definition. */
export function appDefinition(
  lane: Lane,
  payload: PlacePayload,
  settings: AppSettings,
  extraFetch: readonly Fetch[] = [],
): AppDefinition {
  const bundle = { uri: joinUrl(settings.taskStateUrl, payload.bundle.path), ...plainFile }
  const definition: AppDefinition = {
    id: payload.appId,
    cmd: commandOf(payload.bundle),
    cpus: payload.cpus,
    mem: payload.memMb,
    disk: payload.diskMb,
    instances: 1,
    ...(settings.buildUser && { user: settings.buildUser }),
    ...(payload.image && { container: { type: 'DOCKER', docker: { image: payload.image } } }),
    fetch: [bundle, ...extraFetch],
    env: environmentOf(payload, settings),
    labels: { MARATHON_SINGLE_INSTANCE_APP: 'true', ...ownerLabels({ ...payload, lane }) },
    backoffSeconds: relaunchDelayS,
    backoffFactor: 1,
    maxLaunchDelaySeconds: relaunchDelayS,
    taskKillGracePeriodSeconds: settings.killGraceS ?? 30,
    unreachableStrategy: 'disabled',
    upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
    portDefinitions: [],
  }
  return { ...definition, labels: { ...definition.labels, [digestLabel]: digestOf(definition) } }
}

const plainFile = { extract: false, executable: false, cache: false }

/** Marathon's fetch has no checksums, so the command checks what arrived before it runs a byte of it. */
function commandOf({ digest, path }: PlacePayload['bundle']): string {
  const file = path.split('/').at(-1) ?? ''
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new TypeError('the digest of a bundle is a SHA-256')
  if (!/^pipeline\.[cm]js$/.test(file)) throw new TypeError('a bundle is called pipeline.cjs or pipeline.mjs')
  return `cd "$MESOS_SANDBOX" && echo "${digest}  ${file}" | sha256sum -c --quiet - && exec node ${file}`
}

function environmentOf(payload: PlacePayload, settings: AppSettings): Record<string, string> {
  return {
    BATON_STATE_URL: settings.taskStateUrl,
    BATON_TICKET: payload.ticket,
    BATON_PIPELINE: payload.pipeline,
    BATON_BUILD: String(payload.number),
    BATON_ATTEMPT: String(payload.attempt),
    BATON_COMMIT: payload.commit,
    BATON_REF: payload.ref,
    BATON_REPOSITORY: payload.repository.slug,
    BATON_REPOSITORY_URL: payload.repository.url,
    ...(settings.allowLocalGit && { BATON_ALLOW_LOCAL_GIT: 'true' }),
    ...(settings.crashDir && { BATON_CRASH_DIR: settings.crashDir }),
  }
}

const joinUrl = (url: string, path: string): string => `${url.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`

function digestOf(definition: AppDefinition): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 32)
}
