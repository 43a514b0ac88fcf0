import { setTimeout as wait } from 'node:timers/promises'
import { isTaskOver, type Marathon } from '@baton/marathon'
import { appIdOfService, type ServiceName } from './definitions.ts'
import type { PlatformFile } from './platform-file.ts'
import type { Voice } from './start-platform.ts'

const lookMs = 200
const servicesEndMs = 30_000

/** No new work is taken from here on; what runs goes on. The controller stays for it. */
export async function stopTaking(marathon: Marathon): Promise<void> {
  await scaleToNone(marathon, 'pipeline-spawner')
  await scaleToNone(marathon, 'pipeline-builder')
}

/** Waits until no build of this platform has a task any more. No limit but the builds' own: Ctrl-C again ends it. */
export async function waitForBuilds(
  marathon: Marathon,
  platform: PlatformFile,
  signal: AbortSignal,
  voice: Voice,
): Promise<void> {
  while (!signal.aborted) {
    const running = await countBuildTasks(marathon, platform).catch(() => undefined)
    if (running === 0) return
    const builds =
      running === undefined ? 'running builds' : running === 1 ? '1 running build' : `${running} running builds`
    voice.progress(`waiting for ${builds}; Ctrl-C again leaves them to the next start ...`)
    await wait(lookMs, undefined, { signal }).catch(() => {})
  }
}

async function countBuildTasks(marathon: Marathon, { installation }: PlatformFile): Promise<number> {
  const apps = await marathon.listApps(`BATON_INSTALLATION==${installation},BATON_LANE`)
  return apps.flatMap(({ tasks }) => tasks).filter(({ state }) => !isTaskOver(state)).length
}

/** Ends the controller, and waits until the tasks of all services are gone. What hangs is adopted by the next start. */
export async function stopServices(marathon: Marathon, signal: AbortSignal): Promise<void> {
  await scaleToNone(marathon, 'pipeline-state-controller')
  const until = performance.now() + servicesEndMs
  while (!signal.aborted && performance.now() < until) {
    const deployments = await marathon.listDeployments()
    if (!deployments.some(({ affectedApps }) => affectedApps.some((id) => id.startsWith('/baton/')))) return
    await wait(lookMs, undefined, { signal }).catch(() => {})
  }
}

async function scaleToNone(marathon: Marathon, service: ServiceName): Promise<void> {
  const id = appIdOfService(service)
  const app = await marathon.findApp(id)
  if (app !== undefined && app.instances > 0) await marathon.scaleApp(id, 0, { force: true })
}
