import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, test, vi } from 'vitest'

// The real process, bundled as a release is: signals and exit codes cannot be seen from inside.
const directory = mkdtempSync(join(tmpdir(), 'kit-process-'))
const bundle = join(directory, 'greeter.mjs')
const children: ChildProcess[] = []

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./fixtures/greeter.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  })
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(directory, { recursive: true })
})

interface Greeter {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  output(): string
}

function start(env: Record<string, string>, ...args: string[]): Greeter {
  const child = spawn(process.execPath, [bundle, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text
    })
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, ended, output: () => output }
}

async function portOf(greeter: Greeter): Promise<number> {
  return await vi.waitFor(() => {
    const port = /"port":(\d+)/.exec(greeter.output())?.[1]
    assert.ok(port, greeter.output())
    return Number(port)
  }, 15_000)
}

describe('a service as a process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s: serves on while unhealthy, then ends with 0', async (signal) => {
    const greeter = start({ UNHEALTHY_MS: '300' })
    const port = await portOf(greeter)
    assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/hello/you`)).json(), { says: 'hello you' })
    greeter.child.kill(signal)
    await vi.waitFor(async () => assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 503))
    assert.equal((await fetch(`http://127.0.0.1:${port}/hello/you`)).status, 200)
    assert.deepEqual(await greeter.ended, { code: 0, signal: null })
    assert.match(greeter.output(), /"drained":true,"closed":true,"msg":"stopped"/)
  })

  test('a second signal ends it at once', async () => {
    const greeter = start({ UNHEALTHY_MS: '60000' })
    const port = await portOf(greeter)
    greeter.child.kill('SIGTERM')
    await vi.waitFor(async () => assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 503))
    greeter.child.kill('SIGTERM')
    assert.deepEqual(await greeter.ended, { code: 143, signal: null })
  })

  test('bad settings: every complaint, no port, code 1', async () => {
    const greeter = start({ PORT0: 'x', DRAIN_MS: '-1', GREETER_TOKEN: 'hush' }, '--hots', '127.0.0.1')
    assert.equal((await greeter.ended).code, 1)
    assert.match(greeter.output(), /--hots: there is no such option, did you mean "--host"\?/)
    assert.match(greeter.output(), /CONFIG_INVALID/)
    assert.match(greeter.output(), /PORT0: must be.*\n- DRAIN_MS: must be/)
    assert.doesNotMatch(greeter.output(), /hush|listening/)
  })

  test('warns of nothing when it starts', async () => {
    const greeter = start({})
    await portOf(greeter)
    assert.doesNotMatch(greeter.output(), /Warning|Deprecat/i)
    greeter.child.kill('SIGTERM')
    await greeter.ended
  })
})
