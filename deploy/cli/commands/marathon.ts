import { join } from 'node:path'
import { bundleOf } from '../../bin/bundle.mjs'
import { checkout } from '../../checkout.ts'
import { errors } from '../../errors.ts'
import { modeOfRoot, ownFolder } from '../../local/data-folder.ts'
import { findPlatformFile } from '../../local/platform-file.ts'
import type { Call } from '../command.ts'
import { runChild } from './run-child.ts'

export interface MarathonFlags {
  readonly port: number
  readonly host: string
}

/** The folder that was named, or one beside the platform's: two Marathons cannot share one. @throws ARGUMENT_INVALID */
function folderOf({ givenDir, dataDir }: Call): string {
  if (givenDir === undefined) return `${dataDir}-marathon`
  if (findPlatformFile(givenDir) === undefined) return givenDir
  throw errors.ARGUMENT_INVALID({
    what: `${givenDir} is the data of a platform, which has a Marathon: name another folder`,
  })
}

/** Runs the local Marathon alone, without the platform: something to try app definitions on. */
export async function runMarathon(call: Call, flags: MarathonFlags): Promise<number> {
  const file = await bundleOf(join(checkout, 'libs/local-marathon/src/main.ts'), { packages: 'bundle' })
  const dir = folderOf(call)
  ownFolder(dir, modeOfRoot(process.getuid?.() === 0))
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
