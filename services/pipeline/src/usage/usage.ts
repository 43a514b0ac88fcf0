import type { Usage } from '@baton/state-client/wire'
import { findFolderSize, readFolderSize } from './folder-size.ts'
import { readCpuSeconds, readMemoryBytes } from './processes.ts'

const memoryPauseMs = 250
const diskPauseMs = 5_000
/** The result waits for it, so a large workspace is as large as it was when it was looked at last. */
const lastLookMaxMs = 20

/**
 * Watches what a build takes of its machine, from now on. Looks from time to time, so a peak between two looks is missed,
 * and costs nothing before the first one.
 * @returns says what it was, once the build is over
 */
export function startUsage(sandbox: string, env: NodeJS.ProcessEnv): () => Usage {
  const startedMs = performance.now()
  let memoryMaxBytes = 0
  let diskMaxBytes = 0
  const look = (): void => {
    memoryMaxBytes = Math.max(memoryMaxBytes, readMemoryBytes())
  }
  let isLooking = false
  const lookAtDisk = async (): Promise<void> => {
    if (isLooking) return
    isLooking = true
    diskMaxBytes = Math.max(diskMaxBytes, await readFolderSize(sandbox).catch(() => 0))
    isLooking = false
  }
  const timers = [setInterval(look, memoryPauseMs), setInterval(() => void lookAtDisk(), diskPauseMs)]
  for (const timer of timers) timer.unref()

  return () => {
    for (const timer of timers) clearInterval(timer)
    look()
    const diskBytes = findFolderSize(sandbox, lastLookMaxMs)
    return {
      durationMs: Math.round(performance.now() - startedMs),
      cpuSeconds: readCpuSeconds(),
      memoryMaxBytes,
      // A large folder of a short build was never seen as a whole: no figure is better than a wrong one.
      ...(diskBytes || diskMaxBytes ? { diskBytes: Math.max(diskMaxBytes, diskBytes ?? 0) } : {}),
      asked: {
        cpus: Number(env['MARATHON_APP_RESOURCE_CPUS']) || 0,
        memMb: Number(env['MARATHON_APP_RESOURCE_MEM']) || 0,
        diskMb: Number(env['MARATHON_APP_RESOURCE_DISK']) || 0,
      },
    }
  }
}
