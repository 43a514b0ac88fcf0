import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkout } from '../../deploy/checkout.ts'
import { digestOfInputs } from '../../deploy/release/inputs.ts'
import type { Release } from '../../deploy/release/release.ts'
import { run, runWell } from './run.ts'

const batonCommand = join(checkout, 'deploy/bin/baton.mjs')
const cacheDir = join(checkout, 'node_modules/.cache/baton/test-platform')

/**
 * Puts the release of this checkout into a new data folder, as links: it is made once for all platforms of all tests, and
 * again only when its sources changed. `baton up` finds it there and has nothing to bundle.
 */
export async function shareRelease(dataDir: string): Promise<void> {
  const made = await runWell(process.execPath, [batonCommand, 'release', '--data', cacheDir, '--json'])
  const { digest } = JSON.parse(made) as Release
  const releases = join(dataDir, 'releases')
  await mkdir(releases, { recursive: true, mode: 0o700 })
  const inputs = `inputs-${await digestOfInputs(checkout)}`
  // Somebody who edits sources meanwhile has a release made by `up` itself, that is all.
  const known = await readdir(join(cacheDir, 'releases'))
  const names = [digest, inputs].filter((name) => known.includes(name)).map((name) => join(cacheDir, 'releases', name))
  const linked = await run('cp', ['-al', ...names, releases])
  // Another file system: nothing to link to.
  if (linked.code !== 0) await runWell('cp', ['-a', ...names, releases])
}
