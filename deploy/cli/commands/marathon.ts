import { join } from 'node:path'
import { bundleOf } from '../../bin/bundle.mjs'
import { checkout } from '../../checkout.ts'
import { ownFolder } from '../../local/data-folder.ts'
import type { Call } from '../command.ts'
import { runChild } from './run-child.ts'

export interface MarathonFlags {
  readonly port: number
  readonly host: string
}

/** Runs the local Marathon alone, without the platform: something to try app definitions on. */
export async function runMarathon(call: Call, flags: MarathonFlags): Promise<number> {
  const file = await bundleOf(join(checkout, 'libs/local-marathon/src/main.ts'), { packages: 'bundle' })
  const dir = `${call.dataDir}-marathon`
  ownFolder(dir, process.getuid?.() === 0 ? 0o711 : 0o700)
  call.terminal.tell(`Marathon's API: http://${flags.host}:${flags.port}/v2/apps   data: ${dir}`)
  const env = {
    ...call.env,
    MARATHON_PORT: String(flags.port),
    MARATHON_HOST: flags.host,
    MARATHON_DATA: join(dir, 'marathon'),
    MARATHON_SANDBOXES: join(dir, 'sandboxes'),
  }
  return await runChild(process.execPath, [file], call.cwd, env)
}
