import { spawn } from 'node:child_process'

/** How a program ended, and what it said. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Record<string, string>
  readonly stdin?: string
  readonly limitMs?: number
}

const limitUsualMs = 180_000

/** Runs a program to its end. Nothing of this process's environment but PATH and HOME reaches it. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { cwd = '/', env = {}, stdin = '', limitMs = limitUsualMs } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd, env: { ...plainEnvironment(), ...env }, timeout: limitMs })
    const [out, err]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', reject)
    // A program that ends without reading what it is given is no error of ours.
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    child.once('close', (code, signal) => {
      if (signal !== null) return reject(new Error(`${command} ${args.join(' ')} was ended by ${signal}: ${text(err)}`))
      resolve({ code: code ?? -1, out: text(out), err: text(err) })
    })
  })
}

/** The same, where anything but 0 is a failure of the test. @returns what it printed, trimmed */
export async function runWell(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, out, err } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${err}${out}`)
  return out.trim()
}

/** What programs of a test see of the environment: no settings of the person or the test runner. */
export function plainEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: process.env['HOME'] ?? '/', LANG: 'C.UTF-8' }
}

const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8')
