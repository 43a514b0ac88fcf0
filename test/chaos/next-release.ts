import { appendFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from '../../deploy/checkout.ts'
import { processes } from '../../deploy/release/parts.ts'
import type { Platform } from '../platform/platform.ts'
import { plainEnvironment, runWell } from '../platform/run.ts'

const parts = ['deploy', 'libs', 'services', 'marathon', 'package.json', 'package-lock.json', 'tsconfig.json']
const commandMaxMs = 180_000

/** A checkout that is one release ahead. */
export interface NextRelease {
  /** Brings the platform to it, as its operator does: by `baton up`. Resolves when all of it is healthy. */
  rollOut(): Promise<void>
  remove(): Promise<void>
}

/** Makes a checkout in which every process is another one, and assembles its release for this platform. */
export async function prepareNextRelease({ folders }: Platform): Promise<NextRelease> {
  const next = await mkdtemp(join(tmpdir(), 'baton-next-'))
  const isOurs = (path: string): boolean => !path.endsWith('/node_modules')
  for (const part of parts) await cp(join(checkout, part), join(next, part), { recursive: true, filter: isOurs })
  await symlink(join(checkout, 'node_modules'), join(next, 'node_modules'))
  for (const { entry } of processes) await appendFile(join(next, entry), `\nconsole.log('the next release')\n`)
  const baton = async (...args: string[]): Promise<void> => {
    const command = [join(next, 'deploy/bin/baton.mjs'), ...args, '--data', folders.data, '--json']
    await runWell(process.execPath, command, { env: plainEnvironment(), limitMs: commandMaxMs })
  }
  await baton('release')
  return {
    rollOut: () => baton('up', '--no-sample', '--detach'),
    remove: () => rm(next, { recursive: true, force: true }),
  }
}
