import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask } from '../platform/ask.ts'
import { plainEnvironment } from '../platform/run.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'
import { findFreePorts } from './free-ports.ts'

const startMaxMs = 60_000

/** Debian's own Prometheus, with files and a port of its own. */
export interface Prometheus {
  /** The values of an expression right now, by their labels. @throws what Prometheus says about it */
  query(expression: string): Promise<{ metric: Record<string, string>; value: number }[]>
  stop(): Promise<void>
}

/** Starts one that scrapes each target, named, every second, with that token. */
export async function startPrometheus(targets: Record<string, string>, token: string): Promise<Prometheus> {
  const dir = await mkdtemp(join(tmpdir(), 'baton-prometheus-'))
  const [port] = await findFreePorts(1)
  const jobs = Object.entries(targets).map(([name, url]) => ({
    job_name: name,
    scrape_interval: '1s',
    scrape_timeout: '1s',
    authorization: { credentials: token },
    static_configs: [{ targets: [new URL(url).host] }],
  }))
  // JSON is YAML, too.
  await writeFile(join(dir, 'prometheus.yml'), JSON.stringify({ scrape_configs: jobs }))
  const where = [`--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'data')}`]
  const child = spawn('prometheus', [...where, `--web.listen-address=127.0.0.1:${port}`], {
    env: plainEnvironment(),
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  await waitFor('prometheus to be ready', startMaxMs, async () => {
    const status = await ask(`${url}/-/ready`).then(({ status }) => status, String)
    return status === 200 ? true : notYet(String(status))
  })
  return {
    async query(expression) {
      const { json } = await ask(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`)
      if (json.status !== 'success') throw new Error(`${expression}: ${json.error}`)
      return json.data.result.map((one: { metric: Record<string, string>; value: [number, string] }) => ({
        metric: one.metric,
        value: Number(one.value[1]),
      }))
    },
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** What Prometheus' own check has to say about a page of metrics; nothing if it is clean. */
export async function checkMetrics(page: string): Promise<string> {
  return await new Promise((resolve) => {
    const child = execFile('promtool', ['check', 'metrics'], (error, out, err) =>
      resolve(`${out}${err}${error && out + err === '' ? error.message : ''}`),
    )
    child.stdin?.end(page)
  })
}
