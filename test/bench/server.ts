import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { plainEnvironment } from '../platform/run.ts'

const startMaxMs = 30_000

/** One server in a process of its own. */
export interface Server {
  readonly pid: number
  readonly url: string
  /** From its start to the line that names its port. */
  readonly startMs: number
  stop(): Promise<void>
}

/** Starts a bundle that prints `"port":` once it listens. @throws when it ends before, or says nothing */
export async function startServer(bundle: string): Promise<Server> {
  const from = performance.now()
  const child = spawn(process.execPath, [bundle], { env: plainEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await portOf(child)
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    startMs: performance.now() - from,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('its output is not read')
  const timer = setTimeout(() => child.kill('SIGKILL'), startMaxMs)
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /"port":(\d+)/.exec(line)?.[1]
      if (port !== undefined) return Number(port)
    }
  } finally {
    clearTimeout(timer)
    child.stdout.resume()
  }
  throw new Error(`${child.spawnargs.join(' ')} ended, or was given ${startMaxMs} ms, and named no port`)
}

const cannon = createRequire(import.meta.url).resolve('autocannon')

/** Requests a second, as a process of its own asks them over 20 connections. @throws when one was not answered well */
export async function requestsPerSecond(url: string, seconds: number): Promise<number> {
  const args = [cannon, '--json', '--connections', '20', '--duration', String(seconds), url]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: plainEnvironment() })
  const { requests, errors, non2xx } = JSON.parse(stdout) as Cannon
  if (errors + non2xx > 0) throw new Error(`${url}: ${errors} without an answer, ${non2xx} refused`)
  return requests.average
}

interface Cannon {
  readonly requests: { readonly average: number }
  readonly errors: number
  readonly non2xx: number
}
