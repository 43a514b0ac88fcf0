import { spawn } from 'node:child_process'

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
