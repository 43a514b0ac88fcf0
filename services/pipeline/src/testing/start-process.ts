import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { bundlePipeline } from '../bundle/bundle-pipeline.ts'

/** For tests: a folder with the engine in one file, and bundles of pipelines made with it. */
export interface Workbench {
  readonly folder: string
  readonly engineFile: string
  /** Bundles a pipeline.ts with this text. @returns the bundle's path */
  bundle(source: string): Promise<string>
  /** Starts a bundle as a task of Marathon would be. */
  start(bundleFile: string, url: string, env?: Record<string, string>): Task
  close(): void
}

export interface Task {
  readonly process: ChildProcess
  readonly sandbox: string
  readonly exit: Promise<number | null>
  /** What it printed so far. */
  printed(): string
}

export async function openWorkbench(): Promise<Workbench> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-process-'))
  const engineFile = join(folder, 'engine.mjs')
  const entry = fileURLToPath(new URL('../engine.ts', import.meta.url))
  await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: engineFile,
    logLevel: 'error',
  })
  const tasks: ChildProcess[] = []
  let made = 0

  async function bundle(source: string): Promise<string> {
    made += 1
    const root = join(folder, `repository-${made}`)
    mkdirSync(root)
    writeFileSync(join(root, 'pipeline.ts'), source)
    return await bundlePipeline({
      entryFile: join(root, 'pipeline.ts'),
      engineFile,
      outDir: join(root, 'out'),
      esbuild,
    })
  }

  function start(bundleFile: string, url: string, env: Record<string, string> = {}): Task {
    const sandbox = mkdtempSync(join(folder, 'sandbox-'))
    const child = spawn(process.execPath, [bundleFile], { cwd: sandbox, env: { ...taskEnv(url, sandbox), ...env } })
    tasks.push(child)
    let text = ''
    const hear = (chunk: Buffer): void => {
      text += chunk
    }
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', hear)
    const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
    return { process: child, sandbox, exit, printed: () => text }
  }

  return {
    folder,
    engineFile,
    bundle,
    start,
    close() {
      for (const task of tasks) if (task.exitCode === null) task.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const taskEnv = (url: string, sandbox: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  BATON_STATE_URL: url,
  BATON_TICKET: 'ticket-ticket-ticket',
  BATON_PIPELINE: 'todo',
  BATON_BUILD: '7',
  BATON_ATTEMPT: '1',
  MESOS_TASK_ID: 'task.1',
  MESOS_SANDBOX: sandbox,
  MESOS_AGENT_ENDPOINT: '127.0.0.1:5051',
})
