import { setTimeout as wait } from 'node:timers/promises'
import type { Marathon } from '@baton/marathon'
import { checkout } from '../checkout.ts'
import { errors } from '../errors.ts'
import type { Release } from '../release/release.ts'
import type { DataFolder } from './data-folder.ts'
import { definitionOf, services, valuesOf } from './definitions.ts'
import { marathonLogOf } from './marathon-process.ts'
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

/** @throws MARATHON_NOT_READY */
export async function waitForMarathon(marathon: Marathon, data: DataFolder): Promise<void> {
  const until = performance.now() + marathonReadyMs
  for (;;) {
    try {
      return await marathon.ping()
    } catch (error) {
      if (performance.now() > until) {
        const why = error instanceof Error ? error.message : String(error)
        throw errors.MARATHON_NOT_READY({ seconds: marathonReadyMs / 1000, why, log: marathonLogOf(data) }, error)
      }
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
): Promise<void> {
  const log = marathonLogOf(data)
  const values = valuesOf(data.root, platform, release)
  const definitions = services.map((service) => definitionOf(checkout, service, values, release.parts[service]))
  for (const definition of definitions) {
    const rolled = await rollService(marathon, definition)
    voice.progress(`${definition.id} ${doing[rolled]} ...`)
    if (rolled === 'upgraded') await waitUntilHealthy(marathon, definition, log)
  }
  for (const definition of definitions) {
    voice.progress(`waiting for ${definition.id} ...`)
    await waitUntilHealthy(marathon, definition, log)
    voice.tell(`  ${definition.id} is healthy`)
  }
}
