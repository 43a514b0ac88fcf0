import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundleMarathon, MarathonProcess, makeFolder } from './marathon-process.ts'

const driveMaxMs = 240_000

/** Debian puts it beside its own Python, whatever other Python comes first in the PATH. */
const python = '/usr/bin/python3'
const isInstalled = spawnSync(python, ['-c', 'import marathon']).status === 0
if (!isInstalled)
  console.log('python3-marathon is not installed: its calls are not tried. Debian: apt-get install python3-marathon')

test.skipIf(!isInstalled)('a client that others wrote finds what it knows, in each of its calls', async () => {
  const folder = await makeFolder()
  const marathon = new MarathonProcess(await bundleMarathon(folder.path), join(folder.path, 'data'), {
    MARATHON_PASSWORD: 'geheim',
  })
  await marathon.start()
  try {
    const script = join(import.meta.dirname, 'python-marathon.py')
    const { stdout } = await promisify(execFile)(python, [script, marathon.url, 'geheim'], { timeout: driveMaxMs })
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '').calls).toBeGreaterThanOrEqual(36)
  } finally {
    await marathon.clear('marathon:geheim')
    await folder.remove()
  }
})
