import { attach } from './attach.ts'
import { openDataFolder } from './data-folder.ts'
import { isStopping, takeLock } from './lock.ts'
import { waitUntilGone } from './process.ts'
import type { Voice } from './start-platform.ts'
import { type SuperviseOptions, supervise } from './supervise.ts'

/** Starts the platform of `dir`, or joins it if it is up. @returns the exit code, once it is over */
export async function up(dir: string, options: SuperviseOptions & { follow: boolean }, voice: Voice): Promise<number> {
  const data = openDataFolder(dir, process.getuid?.() === 0)
  const taken = takeLock(data.locks)
  if ('holder' in taken && isStopping(data.locks, taken.holder)) {
    voice.tell(`The platform is stopping (process ${taken.holder.pid}); it is started again once that is over.`)
    await waitUntilGone(taken.holder, Number.POSITIVE_INFINITY)
    return await up(dir, options, voice)
  }
  if ('holder' in taken) return await attach(data, taken.holder, options, voice)
  try {
    return await supervise(data, options, voice)
  } finally {
    taken.lock.release()
  }
}
