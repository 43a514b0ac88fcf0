import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { build } from 'esbuild'

const readyMaxMs = 60_000

/** Bundles the local Marathon as a release does, once for a test file. */
export async function bundleMarathon(folder: string): Promise<string> {
  const outfile = join(folder, 'local-marathon.mjs')
  await build({
    entryPoints: [resolve(import.meta.dirname, '../../libs/local-marathon/src/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  return outfile
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever came, the schemas say whether it is right
  readonly body: any
}

/** The local Marathon as a real process, that may be killed and started again on the same data. */
export class MarathonProcess {
  readonly dataDir: string
  readonly #bundle: string
  readonly #environment: Record<string, string>
  #process: ChildProcess | undefined
  #port = 0
  readonly #servicePortsFrom = 10_000 + Math.floor(Math.random() * 9_000)
  output = ''

  constructor(bundle: string, dataDir: string, environment: Record<string, string> = {}) {
    this.#bundle = bundle
    this.dataDir = dataDir
    this.#environment = environment
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  async start(extra: Record<string, string> = {}): Promise<void> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      LEAKED_SECRET: 'must not reach a task',
      MARATHON_DATA: this.dataDir,
      MARATHON_PORT: String(this.#port),
      // Another Marathon on this machine takes the lowest ones, and would answer on those that were left.
      MARATHON_SERVICE_PORTS_FROM: String(this.#servicePortsFrom),
      ...this.#environment,
      ...extra,
    }
    const child = spawn(process.execPath, [this.#bundle], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (this.output += String(text)))
    const from = this.output.length
    const ready = await waitFor('the ready line', readyMaxMs, () => {
      if (child.exitCode !== null) throw new Error(`it ended at once: ${this.output}`)
      return /"port":(\d+).*local marathon ready/.exec(this.output.slice(from))
    })
    this.#port = Number(ready[1])
  }

  /** As a crash does it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async ended(): Promise<void> {
    if (this.#process && this.#process.exitCode === null && this.#process.signalCode === null)
      await once(this.#process, 'exit')
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const init = { method, headers: { 'content-type': 'application/json', ...headers } }
    const text = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(this.url + path, { ...init, ...text })
    const answer = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') && answer !== ''
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(answer) : answer }
  }

  // biome-ignore lint/suspicious/noExplicitAny: see Answer
  async tasks(appId: string): Promise<any[]> {
    return (await this.ask('GET', `/v2/apps${appId}/tasks`)).body.tasks ?? []
  }

  /** Waits until the app has `count` running tasks and no deployment. */
  async runs(appId: string, count: number) {
    return waitFor(`${appId} to run ${count} tasks`, 60_000, async () => {
      const { app } = (await this.ask('GET', `/v2/apps${appId}`)).body
      return app?.tasksRunning === count && app.deployments.length === 0 ? app : undefined
    })
  }

  async remove(appId: string): Promise<void> {
    await this.ask('DELETE', `/v2/apps${appId}`)
    await waitFor(`${appId} to be gone`, 60_000, async () => {
      const { body } = await this.ask('GET', '/v2/deployments')
      return !body.some((one: { affectedApps: string[] }) => one.affectedApps.includes(appId))
    })
  }

  /** Removes every app with its tasks, then stops. */
  async clear(credentials?: string): Promise<void> {
    const headers: Record<string, string> = credentials
      ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
      : {}
    const ask = (method: string, path: string) => this.ask(method, path, undefined, headers)
    await ask('DELETE', '/v2/groups?force=true')
    await waitFor('every task to end', 60_000, async () => (await ask('GET', '/v2/deployments')).body.length === 0)
    await this.kill('SIGTERM')
  }
}

/** Looks until `look` gives something, every 20 ms. @throws what was waited for, after `maxMs` */
export async function waitFor<T>(what: string, maxMs: number, look: () => Promise<T> | T): Promise<NonNullable<T>> {
  const endAt = Date.now() + maxMs
  for (;;) {
    const found = await look()
    if (found) return found as NonNullable<T>
    if (Date.now() > endAt) throw new Error(`waited ${maxMs} ms for ${what}`)
    await pause(20)
  }
}

/** A folder of its own that is removed afterwards. */
export async function makeFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'baton-marathon-'))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}
