import { attach } from './attach.ts'
import { openDataFolder } from './data-folder.ts'
import { takeLock } from './lock.ts'
import type { Voice } from './start-platform.ts'
import { type SuperviseOptions, supervise } from './supervise.ts'

/** Starts the platform of `dir`, or joins it if it is up. @returns the exit code, once it is over */
export async function up(dir: string, options: SuperviseOptions & { follow: boolean }, voice: Voice): Promise<number> {
  const data = openDataFolder(dir, process.getuid?.() === 0)
  const taken = takeLock(data.locks)
  if ('holder' in taken) return await attach(data, taken.holder, options, voice)
  try {
    return await supervise(data, options, voice)
  } finally {
    taken.lock.release()
  }
}
