import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { PlatformFile } from '../../deploy/local/platform-file.ts'
import { batonFile } from './baton.ts'
import { plainEnvironment } from './run.ts'
import { notYet, waitFor } from './wait-for.ts'

const readyMaxMs = 90_000

/** The supervisor: `baton up` in the foreground, as `npm start` is. */
export interface Supervisor {
  readonly process: ChildProcess
  readonly platform: PlatformFile
  /** Everything it said so far. */
  said(): string
  /** Resolves with its exit code. */
  ended(): Promise<number | null>
}

export interface UpOptions {
  readonly env?: Record<string, string>
  /** More arguments: `--no-sample`. Without ports it listens where it did the last time. */
  readonly args?: readonly string[]
}

/** For a first start, any free port for each: what somebody else listens on is never in the way. */
export const anyPorts = ['port', 'marathon-port', 'builder-port', 'spawner-port'].flatMap((name) => [`--${name}`, '0'])

/** Starts `baton up` and waits until it says that it is ready. */
export async function startBaton(dataDir: string, options: UpOptions = {}): Promise<Supervisor> {
  const args = [batonFile, 'up', '--data', dataDir, '--json', ...(options.args ?? [])]
  const child = spawn(process.execPath, args, {
    cwd: '/',
    env: { ...plainEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString('utf8')))
  const said = () => `${err.join('')}${out.join('')}`
  const platform = await waitFor('a platform that is up', readyMaxMs, () => {
    if (child.exitCode !== null) throw new Error(`"baton up" ended with ${child.exitCode}: ${said()}`)
    const line = out
      .join('')
      .split('\n')
      .find((one) => one.includes('"ready":true'))
    return line === undefined ? notYet(`"${said().slice(-500)}"`) : (JSON.parse(line) as PlatformFile)
  }).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child.exitCode
  }
  return { process: child, platform, said, ended }
}
