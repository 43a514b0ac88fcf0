import { spawn } from 'node:child_process'

const signals = ['SIGINT', 'SIGTERM'] as const
/** A child that hears the second signal ends by itself within this, and takes its processes with it. */
const secondSignalMs = 1_000

/**
 * Runs a program in this terminal; it hears Ctrl-C itself. One that does not end on the second Ctrl-C or SIGTERM, as its
 * code never pauses, is ended from here. @returns its exit code
 */
export function runChild(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const heard = { times: 0, hear: (_signal: NodeJS.Signals) => {} }
  const hear = (signal: NodeJS.Signals) => heard.hear(signal)
  for (const signal of signals) process.on(signal, hear)
  return new Promise<number>((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
    heard.hear = (signal) => {
      heard.times += 1
      // The terminal told the child of Ctrl-C as well.
      if (signal === 'SIGTERM') child.kill('SIGTERM')
      if (heard.times > 1) setTimeout(() => child.kill('SIGKILL'), secondSignalMs).unref()
    }
  }).finally(() => {
    for (const signal of signals) process.off(signal, hear)
  })
}
