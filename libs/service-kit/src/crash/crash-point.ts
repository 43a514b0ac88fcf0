import { unlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A place where a test may kill this process, named `place.before-write` or `place.after-write`. Does nothing unless
 * BATON_CRASH_DIR is set. If a file of that name lies there, it is removed and the process ends as by `kill -9`.
 * Removing is the test: of several processes that come by at the same moment, one dies.
 */
export function crashPoint(name: string): void {
  const directory = process.env['BATON_CRASH_DIR']
  if (!directory) return
  try {
    unlinkSync(join(directory, name))
  } catch {
    return
  }
  process.kill(process.pid, 'SIGKILL')
}
