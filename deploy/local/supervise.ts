import { createBuilderClient } from '../builder-client.ts'
import { linesOfBuild } from '../cli/show-build.ts'
import { assembleRelease } from './assemble-release.ts'
import { connectMarathon, connectState } from './connect.ts'
import type { DataFolder } from './data-folder.ts'
import { stopServices, stopTaking, waitForBuilds } from './drain.ts'
import { followBuilds } from './follow-builds.ts'
import { markStopping } from './lock.ts'
import { keepMarathon, type MarathonKeeper } from './marathon-keeper.ts'
import { findMarathon, stopMarathon } from './marathon-process.ts'
import { openPlatform, type UpOptions } from './open-platform.ts'
import { findPlatformFile, type PlatformFile, writePlatformFile } from './platform-file.ts'
import { registerSample, waitForFirstBuild } from './register-sample.ts'
import { getSecret, makeSecrets } from './secrets.ts'
import { rollPlatform, type Voice, waitForMarathon } from './start-platform.ts'
import { listenForStop } from './stop-signals.ts'
import { tellAddresses } from './tell-addresses.ts'

export interface SuperviseOptions extends UpOptions {
  readonly sample: boolean
  /** Called once everything is up. */
  onReady(platform: PlatformFile): void
}

const leaveMs = 5_000

/**
 * Brings the platform up, keeps its local Marathon alive, and drains when asked to. Whoever calls it holds the lock of
 * the folder. Killed at any moment it leaves nothing that the next start cannot go on with.
 * @returns the exit code
 */
export async function supervise(data: DataFolder, options: SuperviseOptions, voice: Voice): Promise<number> {
  const stop = listenForStop()
  const over = new AbortController()
  // Nothing else need keep this process alive while the local Marathon is one that was adopted.
  const alive = setInterval(() => {}, 60_000)
  const started: Started = {}
  const start = startAll(data, options, voice, started, over.signal)
  try {
    const kind = await Promise.race([stop.first, start.then(() => stop.first)])
    over.abort()
    start.catch(() => {})
    // Whoever starts the platform meanwhile waits for the end, instead of joining what is about to go.
    markStopping(data.locks)
    if (kind === 'leave') await started.keeper?.leave()
    else await drain(data, started, stop.second, voice)
    return 0
  } catch (error) {
    over.abort()
    // Half a platform helps nobody, but its tasks may be builds: they are left to the next start.
    await leave(data, started)
    throw error
  } finally {
    clearInterval(alive)
    stop.close()
  }
}

interface Started {
  keeper?: MarathonKeeper
  platform?: PlatformFile
}

async function startAll(
  data: DataFolder,
  options: SuperviseOptions,
  voice: Voice,
  started: Started,
  signal: AbortSignal,
): Promise<void> {
  makeSecrets(data.secrets)
  const opened = await openPlatform(data, options, voice.tell)
  const release = await assembleRelease(data, voice.tell)
  const platform = writePlatformFile(data.root, { ...opened, release: release.digest })
  if (signal.aborted) return
  started.platform = platform
  voice.progress('starting the local Marathon ...')
  started.keeper = keepMarathon(data, voice.tell)
  const marathon = connectMarathon(data, platform)
  await waitForMarathon(marathon, data, release.parts['local-marathon'])
  voice.tell(`  the local Marathon listens at ${platform.marathonUrl}`)
  await rollPlatform(data, platform, release, marathon, voice, signal)
  if (options.sample && !platform.sampleDone && !signal.aborted) await bringSample(data, platform, voice)
  if (signal.aborted) return
  await tellAddresses(data, platform, voice.tell)
  options.onReady(platform)
  void followBuilds(connectState(data, platform), signal, voice.tell).catch((error: unknown) =>
    voice.tell(String(error)),
  )
}

async function bringSample(data: DataFolder, platform: PlatformFile, voice: Voice): Promise<void> {
  const state = connectState(data, platform)
  const builder = createBuilderClient({ url: platform.builderUrl, token: getSecret(data.secrets, 'admin-token') })
  const { url } = await registerSample(platform, state, builder)
  writePlatformFile(data.root, { ...(findPlatformFile(data.root) ?? platform), sampleDone: true })
  voice.tell(`The sample project is registered: ${url}`)
  const build = await waitForFirstBuild(state, (text) => voice.progress(`its first build: ${text} ...`))
  state.close()
  if (build === undefined) voice.tell('Its first build takes longer than usual: "baton builds" shows it.')
  else for (const line of linesOfBuild(build)) voice.tell(`  ${line}`)
}

async function drain(data: DataFolder, started: Started, second: Promise<void>, voice: Voice): Promise<void> {
  const { platform } = started
  if (platform === undefined || started.keeper === undefined) return
  const hurry = new AbortController()
  void second.then(() => hurry.abort())
  voice.tell('Stopping: no new work is taken.')
  const marathon = connectMarathon(data, platform)
  const steps = (async () => {
    await stopTaking(marathon)
    await waitForBuilds(marathon, platform, hurry.signal, voice)
    if (!hurry.signal.aborted) await stopServices(marathon, hurry.signal)
  })().catch((error: unknown) => voice.tell(`the drain was cut short: ${String(error)}`))
  await Promise.race([steps, second])
  await leave(data, started)
  voice.tell(hurry.signal.aborted ? 'Left; what runs is adopted by the next start.' : 'Stopped. Everything is kept.')
}

/** Ends the local Marathon but none of its tasks. */
async function leave(data: DataFolder, { keeper }: Started): Promise<void> {
  await keeper?.leave()
  const running = keeper === undefined ? undefined : findMarathon(data)
  if (running !== undefined) await stopMarathon(running.process, leaveMs)
}
