import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isOver } from '@baton/model'
import type { BuildDetail, StateClient } from '@baton/state-client'
import type { BuilderClient } from '../builder-client.ts'
import { checkout } from '../checkout.ts'
import type { PlatformFile } from './platform-file.ts'
import { installHook } from './sample-hook.ts'
import { makeSampleRepository, sampleSlug } from './sample-repository.ts'

const firstBuildMs = 180_000
const lookMs = 100

/** Registers the bundled sample, unless it is known: a repeat after a crash finds what the first try did. */
export async function registerSample(
  platform: PlatformFile,
  state: StateClient,
  builder: BuilderClient,
): Promise<{ url: string }> {
  const url = await makeSampleRepository(checkout, join(platform.openDir, 'sample'))
  if ((await state.findRepository(sampleSlug)) === undefined) await builder.register({ url, slug: sampleSlug })
  installHook(fileURLToPath(url), {
    url: `${platform.spawnerUrl}/hooks/generic?repository=${sampleSlug}`,
    secret: await state.getHookSecret(sampleSlug),
    repository: url,
  })
  return { url }
}

/** The sample's first build once it is over; `undefined` when it takes longer than anybody wants to wait. */
export async function waitForFirstBuild(
  state: StateClient,
  onStatus: (text: string) => void,
): Promise<BuildDetail | undefined> {
  const until = performance.now() + firstBuildMs
  while (performance.now() < until) {
    const [build] = await state.listBuilds({ pipeline: sampleSlug, limit: 1 }).catch(() => [])
    if (build !== undefined && isOver(build.status)) return await state.getBuild(build.pipeline, build.number)
    onStatus(build === undefined ? 'its commit is looked at' : build.status)
    await wait(lookMs)
  }
  return undefined
}
