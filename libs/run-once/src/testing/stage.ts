import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalMarathon } from '@baton/local-marathon'
import { createMarathonClient } from '@baton/marathon'
import { createLog } from '@baton/service-kit'
import type { RemovePayload } from '@baton/state-client'
import { build } from 'esbuild'
import { startFakeState } from './fake-state.ts'
import { installation, placePayload, removePayload } from './payloads.ts'

/**
 * For tests: a real local Marathon, run-once apps as processes of their own that can be killed, and a controller that
 * hands out leases over HTTP and the bundle `code`.
 */
export async function openStage(code: (sideFile: string) => string) {
  const directory = mkdtempSync(join(tmpdir(), 'run-once-'))
  const sideFile = join(directory, 'side-effects')
  const crashDir = join(directory, 'crash')
  mkdirSync(crashDir)
  const bundle = code(sideFile)
  const digest = createHash('sha256').update(bundle).digest('hex')
  const state = await startFakeState({ leaseMs: 600, bundle })
  const log = createLog({ service: 'stage', level: 'silent' })
  const server = await startLocalMarathon({ dataDir: join(directory, 'marathon'), host: '127.0.0.1', port: 0, log })
  const marathonUrl = `http://127.0.0.1:${server.port}`
  const marathon = createMarathonClient({ url: marathonUrl })
  const program = join(directory, 'run-once.mjs')
  await bundleProgram(program)
  const children: ChildProcess[] = []

  const start = () => {
    const settings = JSON.stringify({ stateUrl: state.url, marathonUrl, installation })
    const env = { PATH: process.env['PATH'] ?? '', BATON_CRASH_DIR: crashDir }
    const child = spawn(process.execPath, [program, settings], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    children.push(child)
    return child
  }
  return {
    state,
    marathon,
    start,
    place: (number: number) =>
      state.add('place-build', placePayload({ number, bundle: { digest, path: '/bundle/pipeline.mjs' } })),
    remove: (number: number, more: Partial<RemovePayload> = {}) =>
      state.add('remove-build', removePayload({ number, sandbox: null, ...more })),
    /** The next process that comes by this point dies there. */
    crashAt: (point: string) => writeFileSync(join(crashDir, point), ''),
    crashed: (point: string) => !existsSync(join(crashDir, point)),
    /** What the pipelines did, a line each. */
    sideEffects: () => (existsSync(sideFile) ? readFileSync(sideFile, 'utf8').trim().split('\n') : []),
    close: async () => {
      await Promise.all(children.map(endProcess))
      marathon.close()
      await server.stop({ killTasks: true })
      await state.close()
      rmSync(directory, { recursive: true })
    },
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>

async function bundleProgram(outfile: string): Promise<void> {
  await build({
    entryPoints: [new URL('./run-once-process.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 8_000)
  await ended
  clearTimeout(timer)
}
