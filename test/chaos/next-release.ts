import { appendFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from '../../deploy/checkout.ts'
import { processes } from '../../deploy/release/parts.ts'
import type { Platform } from '../platform/platform.ts'
import { plainEnvironment, runWell } from '../platform/run.ts'

const parts = ['deploy', 'libs', 'services', 'marathon', 'package.json', 'package-lock.json', 'tsconfig.json']
const rollMaxMs = 180_000

/**
 * Brings a running platform to its next release, as its operator does: `baton up` from a checkout in which every process
 * is another one. Resolves when all services of the new release are healthy.
 */
export async function rollOut({ folders }: Platform): Promise<void> {
  const next = await mkdtemp(join(tmpdir(), 'baton-next-'))
  try {
    const isOurs = (path: string): boolean => !path.endsWith('/node_modules')
    for (const part of parts) {
      await cp(join(checkout, part), join(next, part), { recursive: true, filter: isOurs })
    }
    await symlink(join(checkout, 'node_modules'), join(next, 'node_modules'))
    for (const { entry } of processes) await appendFile(join(next, entry), `\nconsole.log('the next release')\n`)
    const command = [
      join(next, 'deploy/bin/baton.mjs'),
      'up',
      '--data',
      folders.data,
      '--no-sample',
      '--detach',
      '--json',
    ]
    await runWell(process.execPath, command, { env: plainEnvironment(), limitMs: rollMaxMs })
  } finally {
    await rm(next, { recursive: true, force: true })
  }
}
