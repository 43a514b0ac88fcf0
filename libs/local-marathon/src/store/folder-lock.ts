import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineErrors } from '@baton/model'
import { findStartTime } from '../tasks/processes.ts'

const errors = defineErrors({
  LOCAL_MARATHON_RUNNING: {
    kind: 'conflict',
    says: 'a local Marathon (process {pid}) already works on {dataDir}',
    hint: 'use that one, or stop it first',
  },
})

/** Two tries: one may find the lock of a process that died, and remove it. */
const triesMax = 2

/** Makes this process the only one on a data folder. A lock of a process that is gone counts for nothing. @throws LOCAL_MARATHON_RUNNING */
export async function lockFolder(dataDir: string): Promise<{ release(): Promise<void> }> {
  const path = join(dataDir, 'lock')
  const own = `${process.pid} ${findStartTime(process.pid) ?? ''}`
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      await writeFile(path, own, { flag: 'wx', mode: 0o600 })
      return { release: () => rm(path, { force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const [pid = '', startTime] = (await readFile(path, 'utf8').catch(() => '')).split(' ')
    if (pid && findStartTime(Number(pid)) === startTime) throw errors.LOCAL_MARATHON_RUNNING({ pid, dataDir })
    await rm(path, { force: true })
  }
  throw errors.LOCAL_MARATHON_RUNNING({ pid: 'unknown', dataDir })
}
