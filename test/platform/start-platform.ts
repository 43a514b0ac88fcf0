import { join } from 'node:path'
import { findPlatformFile } from '../../deploy/local/platform-file.ts'
import { runBaton } from './baton.ts'
import { type Folders, makeFolders, removeFolders } from './folders.ts'
import { endAll, type Marks, seeNothingLeft } from './left-behind.ts'
import { Platform } from './platform.ts'
import type { ServiceName } from './services.ts'
import { shareRelease } from './shared-release.ts'
import { anyPorts, type Supervisor, startBaton } from './start-baton.ts'

export interface PlatformOptions {
  /** The sample project is registered too. */
  readonly sample?: boolean
  /** Environment of `baton up`: BATON_CRASH_DIR, MARATHON_CPUS. */
  readonly env?: Record<string, string>
  /** Settings of services that differ from their definitions, put into Marathon once all is up. */
  readonly settings?: Partial<Record<ServiceName, Record<string, string>>>
}

/** A platform of a test's own, with the process that holds it up. */
export interface StartedPlatform extends Platform {
  readonly supervisor: Supervisor
  /** Takes everything down, sees that no process is left, and removes its folder. May be repeated. */
  stop(): Promise<void>
}

/**
 * Starts a whole platform by the command that people use, on free ports, with a data folder of its own. Whoever starts it
 * stops it: `beforeAll(async () => { platform = await startPlatform(); return platform.stop })`.
 */
export async function startPlatform(options: PlatformOptions = {}): Promise<StartedPlatform> {
  const folders = await makeFolders()
  try {
    await shareRelease(folders.data)
    const args = [...anyPorts, ...(options.sample === true ? [] : ['--no-sample'])]
    const supervisor = await startBaton(folders.data, { args, ...(options.env && { env: options.env }) })
    const platform = new Platform(folders, supervisor.platform)
    const changes = Object.entries(options.settings ?? {}) as [ServiceName, Record<string, string>][]
    for (const [service, env] of changes) await platform.services.set(service, env)
    return Object.assign(platform, { supervisor, stop: () => stopPlatform(platform, supervisor) })
  } catch (error) {
    endAll(marksOf(folders))
    await removeFolders(folders)
    throw error
  }
}

async function stopPlatform(platform: Platform, supervisor: Supervisor): Promise<void> {
  const marks = marksOf(platform.folders)
  platform.close()
  // Whoever looks for what went wrong wants to read the sandboxes.
  if (process.env['BATON_TEST_KEEP'] !== undefined) console.log(`kept: ${platform.folders.root}`)
  const purge = process.env['BATON_TEST_KEEP'] === undefined ? ['--purge'] : []
  const down = await runBaton(['down', ...purge, '--data', platform.folders.data])
  // 3: it was taken down by the test itself.
  if (down.code !== 0 && down.code !== 3) {
    endAll(marks)
    throw new Error(`"baton down" ended with ${down.code}: ${down.err}${supervisor.said()}`)
  }
  await supervisor.ended()
  await seeNothingLeft(marks)
  if (purge.length > 0) await removeFolders(platform.folders)
}

function marksOf({ root, data }: Folders): Marks {
  const { installation, openDir } = findPlatformFile(data) ?? {}
  return { dirs: [join(root), ...(openDir === undefined ? [] : [openDir])], installation }
}
