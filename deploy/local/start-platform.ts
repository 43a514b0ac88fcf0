import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Marathon } from '@baton/marathon'
import { checkout } from '../checkout.ts'
import { errors } from '../errors.ts'
import { collectReleases } from '../release/collect-releases.ts'
import type { Release } from '../release/release.ts'
import type { DataFolder } from './data-folder.ts'
import { appIdOfService, definitionOf, services, valuesOf } from './definitions.ts'
import { findMarathon, marathonLogOf } from './marathon-process.ts'
import type { PlatformFile } from './platform-file.ts'
import { type Rolled, rollService, waitUntilHealthy } from './roll-services.ts'

const marathonReadyMs = 30_000
const lookMs = 50

export interface Voice {
  /** One line for whoever started the platform. */
  tell(line: string): void
  /** What is waited for right now. */
  progress(text: string): void
}

/**
 * Waits until Marathon answers; with `part`, the one that runs from that file, as an older one may still answer until
 * its keeper ends it. @throws MARATHON_NOT_READY
 */
export async function waitForMarathon(marathon: Marathon, data: DataFolder, part?: string): Promise<void> {
  const until = performance.now() + marathonReadyMs
  for (;;) {
    const why = await marathon.ping().then(
      () => (part === undefined || findMarathon(data)?.part === part ? undefined : 'an older one still runs'),
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (why === undefined) return
    if (performance.now() > until) {
      throw errors.MARATHON_NOT_READY({ seconds: marathonReadyMs / 1000, why, log: marathonLogOf(data) })
    }
    await wait(lookMs)
  }
}

const doing: Record<Rolled, string> = { started: 'is started', upgraded: 'is upgraded', unchanged: 'runs' }

/**
 * Brings the services to `release`, the controller first. While it is upgraded nothing else is, so that at most one of
 * them is away at a time; on a first start they are all posted at once, as the others wait for it by themselves.
 */
export async function rollPlatform(
  data: DataFolder,
  platform: PlatformFile,
  release: Release,
  marathon: Marathon,
  voice: Voice,
  signal?: AbortSignal,
): Promise<void> {
  const log = marathonLogOf(data)
  const values = valuesOf(data.root, platform, release)
  const definitions = services.map((service) => definitionOf(checkout, service, values, release.parts[service]))
  for (const definition of definitions) {
    // Whoever drains meanwhile must not find new services behind itself.
    signal?.throwIfAborted()
    const rolled = await rollService(marathon, definition)
    voice.progress(`${definition.id} ${doing[rolled]} ...`)
    if (rolled === 'upgraded') await waitUntilHealthy(marathon, definition, log)
  }
  for (const definition of definitions) {
    voice.progress(`waiting for ${definition.id} ...`)
    await waitUntilHealthy(marathon, definition, log)
    voice.tell(`  ${definition.id} is healthy`)
  }
  await removeOldReleases(data, release, marathon)
}

/** Keeps the release that is wanted, and those that unchanged services still run from. */
async function removeOldReleases(data: DataFolder, release: Release, marathon: Marathon): Promise<void> {
  const apps = await Promise.all(services.map((service) => marathon.findApp(appIdOfService(service))))
  const dirs = apps.map((app) => app?.env?.['BATON_RELEASE'])
  // A service that could not be asked may run from any of them.
  if (dirs.some((dir) => dir === undefined)) return
  await collectReleases(data.releases, new Set([release.digest, ...dirs.map((dir) => basename(dir ?? ''))]), new Date())
}
