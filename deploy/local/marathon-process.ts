import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findReleaseOf, type Release } from '../release/release.ts'
import { taskPath } from './build-user.ts'
import type { DataFolder } from './data-folder.ts'
import {
  findMarathonFile,
  findPlatformFile,
  type MarathonFile,
  marathonUser,
  type PlatformFile,
  sandboxesDirOf,
  writeMarathonFile,
} from './platform-file.ts'
import { findProcess, isAlive, type ProcessMark, signalProcess, waitUntilGone } from './process.ts'

/** The local Marathon at its end may still write its journal. */
export const marathonStopMs = 15_000

export const marathonLogOf = (data: DataFolder): string => join(data.logs, 'marathon.log')

/** The running local Marathon of this folder, whoever started it. The folder's own lock counts: it is there first. */
export function findMarathon(data: DataFolder): MarathonFile | undefined {
  const mark = findLockHolder(data.marathon)
  if (mark === undefined) return undefined
  const known = findMarathonFile(data.root)
  const isKnown = known?.process.pid === mark.pid && known.process.startTicks === mark.startTicks
  return isKnown ? known : { process: mark, part: 'unknown', port: 0 }
}

/** The lock of the local Marathon's own folder: its pid and start time. */
function findLockHolder(dir: string): ProcessMark | undefined {
  try {
    const [pid = '', startTicks = ''] = readFileSync(join(dir, 'lock'), 'utf8').trim().split(' ')
    const mark = { pid: Number(pid), startTicks }
    return isAlive(mark) ? mark : undefined
  } catch {
    return undefined
  }
}

/** Starts the local Marathon in a process group and with a log file of its own: it lives on when its supervisor dies. */
export function startMarathon(data: DataFolder, platform: PlatformFile, release: Release): ChildProcess {
  const log = openSync(marathonLogOf(data), 'a', 0o600)
  try {
    const child = spawn(process.execPath, [join(release.dir, 'local-marathon.mjs')], {
      cwd: data.root,
      detached: true,
      stdio: ['ignore', log, log],
      env: environmentOf(data, platform),
    })
    child.on('error', () => {}) // the keeper sees that there is no process
    const mark = child.pid === undefined ? undefined : findProcess(child.pid)
    if (mark !== undefined) {
      writeMarathonFile(data.root, {
        process: mark,
        part: release.parts['local-marathon'],
        port: platform.ports.marathon,
      })
    }
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** Only what it needs: whatever it has, tasks could be given by mistake. */
function environmentOf(data: DataFolder, platform: PlatformFile): Record<string, string> {
  const given: Record<string, string | undefined> = {
    PATH: taskPath(),
    LANG: process.env['LANG'],
    TZ: process.env['TZ'],
    LOG_LEVEL: process.env['LOG_LEVEL'],
    BATON_CRASH_DIR: process.env['BATON_CRASH_DIR'],
    MARATHON_CPUS: process.env['MARATHON_CPUS'],
    MARATHON_MEM: process.env['MARATHON_MEM'],
    MARATHON_MEMORY_CAPS: process.env['MARATHON_MEMORY_CAPS'],
    MARATHON_CONTAINER_ENGINE: process.env['MARATHON_CONTAINER_ENGINE'],
    DOCKER_HOST: process.env['DOCKER_HOST'],
    MARATHON_FORGET_DELAYS: process.env['MARATHON_FORGET_DELAYS'],
    MARATHON_HOST_PORTS_FROM: process.env['MARATHON_HOST_PORTS_FROM'],
    MARATHON_HOST_PORTS_TO: process.env['MARATHON_HOST_PORTS_TO'],
    MARATHON_HOST: platform.host,
    MARATHON_PORT: String(platform.ports.marathon),
    MARATHON_DATA: data.marathon,
    MARATHON_SANDBOXES: sandboxesDirOf(platform),
    MARATHON_USER: marathonUser,
    MARATHON_PASSWORD_FILE: join(data.secrets, 'marathon-password'),
  }
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** Ends the local Marathon; its tasks run on. @returns whether it is gone */
export async function stopMarathon(mark: ProcessMark, limitMs = marathonStopMs): Promise<boolean> {
  signalProcess(mark, 'SIGTERM')
  if (await waitUntilGone(mark, limitMs)) return true
  // It survives this as it survives a crash: what counts is on disk.
  signalProcess(mark, 'SIGKILL')
  return await waitUntilGone(mark, limitMs)
}

/** The platform as it is written down right now, and the release it names. */
export async function getWanted(data: DataFolder): Promise<{ platform: PlatformFile; release: Release }> {
  const platform = findPlatformFile(data.root)
  const release = platform?.release ? await findReleaseOf(data.releases, platform.release) : undefined
  if (platform === undefined || release === undefined) throw new Error(`${data.root} names no release that is there`)
  return { platform, release }
}
