import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Marathon } from '@baton/marathon'
import { errors } from '../errors.ts'
import { connectMarathon } from './connect.ts'
import { type DataFolder, dataFolder } from './data-folder.ts'
import { appIdOfService, services } from './definitions.ts'
import { findHolder, takeLock } from './lock.ts'
import { findMarathon, getWanted, startMarathon, stopMarathon } from './marathon-process.ts'
import { findPlatformFile, marathonUser, type PlatformFile, sandboxesDirOf } from './platform-file.ts'
import { signalProcess, waitUntilGone } from './process.ts'
import { getSecret } from './secrets.ts'
import { type Voice, waitForMarathon } from './start-platform.ts'
import { leaveSignal } from './stop-signals.ts'

const supervisorEndMs = 30_000
/** Longer than the grace of a build's task, which may run its `finally` meanwhile. */
const tasksEndMs = 90_000
const lookMs = 200

/**
 * Takes the platform of `dir` down: every app and every task, then Marathon itself. Waits until they are gone. Builds
 * that run are killed, and say so while the controller still hears it. With `purge` the data is removed as well.
 * @throws PLATFORM_MISSING, PLATFORM_LOCKED
 */
export async function down(dir: string, options: { purge: boolean }, voice: Voice): Promise<void> {
  const data = dataFolder(dir)
  const platform = findPlatformFile(data.root)
  if (platform === undefined || !existsSync(data.locks)) throw errors.PLATFORM_MISSING({ dir: data.root })
  await endSupervisor(data, voice)
  const taken = takeLock(data.locks)
  if ('holder' in taken) throw errors.PLATFORM_LOCKED({ pid: taken.holder.pid, dir: data.root })
  try {
    await endTasks(data, platform, voice)
  } finally {
    taken.lock.release()
  }
  voice.tell('The platform is down.')
  if (options.purge) purge(data, platform, voice)
}

async function endSupervisor(data: DataFolder, voice: Voice): Promise<void> {
  const holder = findHolder(data.locks)
  if (holder === undefined) return
  voice.progress(`asking the supervisor (process ${holder.pid}) to let go ...`)
  signalProcess(holder, leaveSignal)
  if (!(await waitUntilGone(holder, supervisorEndMs))) {
    throw errors.PLATFORM_LOCKED({ pid: holder.pid, dir: data.root })
  }
}

async function endTasks(data: DataFolder, platform: PlatformFile, voice: Voice): Promise<void> {
  // Tasks outlive their Marathon: one that is not running has to come back to end them.
  if (findMarathon(data) === undefined) {
    const wanted = await getWanted(data).catch(() => undefined)
    if (wanted === undefined) return
    startMarathon(data, platform, wanted.release)
  }
  const marathon = connectMarathon(data, platform)
  await waitForMarathon(marathon, data)
  for (const isNext of goingDown) {
    await deleteApps(marathon, async () => (await listAppIds(data, platform)).filter(isNext), voice)
  }
  marathon.close()
  const running = findMarathon(data)
  if (running !== undefined) await stopMarathon(running.process)
}

const controller = appIdOfService('pipeline-state-controller')

/**
 * Those that start builds go first, so that none starts any more; the controller goes last: a build that cannot report
 * its end goes on trying until Marathon's patience is over.
 */
const goingDown: readonly ((id: string) => boolean)[] = [
  (id) => services.some((service) => id === appIdOfService(service)) && id !== controller,
  (id) => id !== controller,
  () => true,
]

/** Deletes these apps and waits until the last task has ended: a deletion is a deployment that lasts as long as they do. */
async function deleteApps(marathon: Marathon, listIds: () => Promise<string[]>, voice: Voice): Promise<void> {
  const until = performance.now() + tasksEndMs
  for (;;) {
    const apps = await listIds()
    for (const id of apps) await marathon.deleteApp(id)
    const left = await marathon.listDeployments()
    if (apps.length === 0 && left.length === 0) return
    if (performance.now() > until) return voice.tell(`${left.length} apps still end; the next start goes on with it`)
    voice.progress(`waiting for the tasks of ${left.length} apps ...`)
    await wait(lookMs)
  }
}

/** Every app, also what somebody put there without any label: the client asks by label only. */
async function listAppIds(data: DataFolder, platform: PlatformFile): Promise<string[]> {
  const credentials = Buffer.from(`${marathonUser}:${getSecret(data.secrets, 'marathon-password')}`).toString('base64')
  const answer = await fetch(`${platform.marathonUrl}/v2/apps`, { headers: { authorization: `Basic ${credentials}` } })
  if (!answer.ok) throw new Error(`GET /v2/apps was answered ${answer.status}`)
  return ((await answer.json()) as { apps: { id: string }[] }).apps.map(({ id }) => id)
}

function purge(data: DataFolder, platform: PlatformFile, voice: Voice): void {
  const sandboxesHome = dirname(sandboxesDirOf(platform))
  for (const dir of new Set([platform.openDir, sandboxesHome])) {
    if (dir !== data.root) rmSync(dir, { recursive: true, force: true })
  }
  rmSync(data.root, { recursive: true, force: true })
  voice.tell(`${data.root} is removed.`)
}
