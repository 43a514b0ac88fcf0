import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bundleOf } from '../../bin/bundle.mjs'
import { checkout } from '../../checkout.ts'
import { ownFolder } from '../../local/data-folder.ts'
import type { Call } from '../command.ts'

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

/** Runs a program in this terminal; it hears Ctrl-C itself. @returns its exit code */
export function runChild(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const ignore = () => {}
  process.on('SIGINT', ignore)
  return new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
    process.once('SIGTERM', () => child.kill('SIGTERM'))
  }).finally(() => process.off('SIGINT', ignore))
}
