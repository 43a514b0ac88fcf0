import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../../checkout.ts'
import { errors } from '../../errors.ts'
import { modeOfRoot, ownFolder } from '../../local/data-folder.ts'
import { down } from '../../local/down.ts'
import type { PlatformFile } from '../../local/platform-file.ts'
import type { PortName } from '../../local/ports.ts'
import { up } from '../../local/up.ts'
import { makeRelease } from '../../release/release.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

export interface UpFlags {
  readonly sample: boolean
  readonly detach?: boolean
  readonly host: string
  readonly buildUser: string
  readonly port?: number
  readonly marathonPort?: number
  readonly builderPort?: number
  readonly spawnerPort?: number
}

export async function bringUp(call: Call, flags: UpFlags): Promise<number> {
  if (flags.detach) return await detach(call, process.argv.slice(2))
  const onReady = (platform: PlatformFile) => {
    call.terminal.json({ ready: true, dataDir: call.dataDir, ...platform })
    process.send?.({ ready: platform })
  }
  const { sample, host, buildUser } = flags
  // Whoever started us in the background does not look: joining a platform is over once it is rolled.
  const follow = process.send === undefined
  return await up(call.dataDir, { sample, host, buildUser, ports: portsOf(flags), follow, onReady }, call.terminal)
}

function portsOf(flags: UpFlags): Partial<Record<PortName, number>> {
  const { port: controller, marathonPort: marathon, builderPort: builder, spawnerPort: spawner } = flags
  const given = Object.entries({ controller, marathon, builder, spawner }).filter(([, port]) => port !== undefined)
  return Object.fromEntries(given) as Partial<Record<PortName, number>>
}

/** Starts the supervisor as a process of its own that goes on when this one ends, which it does once all is up. */
async function detach(call: Call, args: readonly string[]): Promise<number> {
  // Before its log is opened, which lies inside.
  ownFolder(call.dataDir, modeOfRoot(process.getuid?.() === 0))
  const file = join(call.dataDir, 'supervisor.log')
  const log = openSync(file, 'a', 0o600)
  const from = fstatSync(log).size
  const command = [join(checkout, 'deploy/bin/baton.mjs'), ...args.filter((arg) => arg !== '--detach')]
  const child = spawn(process.execPath, command, { cwd: call.cwd, detached: true, stdio: ['ignore', log, log, 'ipc'] })
  closeSync(log)
  call.terminal.progress(`starting; what happens is written to ${file} ...`)
  const platform = await new Promise<PlatformFile>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { ready: PlatformFile }).ready))
    child.once('error', reject)
    child.once('exit', () => reject(errors.PLATFORM_NOT_UP({ why: lastWordsIn(file, from), log: file })))
  })
  child.disconnect()
  child.unref()
  call.terminal.json({ ready: true, dataDir: call.dataDir, ...platform })
  call.terminal.say(`Baton is up: ${platform.stateUrl}/`)
  call.terminal.tell(`"baton down" ends it; its log is ${file}`)
  return exitCodes.ok
}

/** What the supervisor said last: the error that ended it, without its hint. */
function lastWordsIn(file: string, from: number): string {
  const lines = readFileSync(file).subarray(from).toString('utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('hint: ')).at(-1) ?? 'it said nothing'
}

export async function takeDown(call: Call, flags: { purge?: boolean }): Promise<number> {
  await down(call.dataDir, { purge: flags.purge === true }, call.terminal)
  call.terminal.json({ down: true, purged: flags.purge === true })
  return exitCodes.ok
}

/** Makes the release of this checkout; what `up` calls as a process of its own. */
export async function assemble(call: Call): Promise<number> {
  const release = await makeRelease(checkout, join(call.dataDir, 'releases'))
  call.terminal.json(release)
  call.terminal.say(`${release.dir}${release.made ? '' : ' (was there already)'}`)
  return exitCodes.ok
}
