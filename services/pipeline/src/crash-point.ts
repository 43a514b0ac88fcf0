import { unlinkSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A place where a test may kill this process. The same promise as in the service kit, which is too heavy to be
 * loaded here: without BATON_CRASH_DIR nothing; with it, a file of that name is removed and the process killed.
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
