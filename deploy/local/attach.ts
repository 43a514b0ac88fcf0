import { setTimeout as wait } from 'node:timers/promises'
import { errors } from '../errors.ts'
import { assembleRelease } from './assemble-release.ts'
import { connectMarathon, connectState } from './connect.ts'
import type { DataFolder } from './data-folder.ts'
import { followBuilds } from './follow-builds.ts'
import { findMarathon, stopMarathon } from './marathon-process.ts'
import { findPlatformFile, type PlatformFile, writePlatformFile } from './platform-file.ts'
import type { ProcessMark } from './process.ts'
import { rollPlatform, type Voice, waitForMarathon } from './start-platform.ts'
import { listenForStop } from './stop-signals.ts'
import { tellAddresses } from './tell-addresses.ts'

const firstStartMs = 60_000
const lookMs = 100

/**
 * Joins a platform that another process supervises: rolls what changed since, and follows. Its own end changes nothing.
 * @returns the exit code
 */
export async function attach(
  data: DataFolder,
  holder: ProcessMark,
  { follow, onReady }: { follow: boolean; onReady(platform: PlatformFile): void },
  voice: Voice,
): Promise<number> {
  const stop = listenForStop()
  const over = new AbortController()
  voice.tell(`The platform is up already (process ${holder.pid}): this one joins it.`)
  try {
    const platform = await rollRelease(data, voice)
    await tellAddresses(data, platform, voice.tell)
    onReady(platform)
    if (!follow) return 0
    const following = followBuilds(connectState(data, platform), over.signal, voice.tell)
    await Promise.race([stop.first, following])
    return 0
  } finally {
    over.abort()
    stop.close()
  }
}

/** Brings the running platform to the release of this checkout. Its supervisor restarts Marathon from platform.json. */
async function rollRelease(data: DataFolder, voice: Voice): Promise<PlatformFile> {
  const release = await assembleRelease(data, voice.tell)
  const before = await waitForPlatformFile(data)
  const platform = before.release === release.digest ? before : { ...before, release: release.digest }
  if (platform !== before) writePlatformFile(data.root, platform)
  const running = findMarathon(data)
  if (running !== undefined && running.part !== release.parts['local-marathon']) await stopMarathon(running.process)
  const marathon = connectMarathon(data, platform)
  await waitForMarathon(marathon, data, release.parts['local-marathon'])
  await rollPlatform(data, platform, release, marathon, voice)
  return platform
}

/** The other supervisor may be at its very first start. @throws PLATFORM_MISSING */
async function waitForPlatformFile(data: DataFolder): Promise<PlatformFile> {
  for (const until = performance.now() + firstStartMs; ; await wait(lookMs)) {
    const platform = findPlatformFile(data.root)
    if (platform?.release) return platform
    if (performance.now() > until) throw errors.PLATFORM_MISSING({ dir: data.root })
  }
}
