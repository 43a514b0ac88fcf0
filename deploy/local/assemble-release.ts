import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkout } from '../checkout.ts'
import { findFreshRelease, type Release } from '../release/release.ts'
import type { DataFolder } from './data-folder.ts'

const assembleMs = 180_000
const answerBytesMax = 1_000_000

/**
 * The release of this checkout. A new one is made by a process of its own: the compiler and the bundler would otherwise
 * stay in the supervisor's memory for as long as the platform runs.
 */
export async function assembleRelease(data: DataFolder, say: (line: string) => void): Promise<Release> {
  const known = await findFreshRelease(checkout, data.releases)
  if (known !== undefined) return known
  say('Assembling the release ...')
  const startedMs = performance.now()
  const command = [join(checkout, 'deploy/bin/baton.mjs'), 'release', '--data', data.root, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    timeout: assembleMs,
    maxBuffer: answerBytesMax,
  })
  const release = JSON.parse(stdout) as Release
  say(`Release ${release.digest} assembled in ${((performance.now() - startedMs) / 1000).toFixed(1)} s.`)
  return release
}
