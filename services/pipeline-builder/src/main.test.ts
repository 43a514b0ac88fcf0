import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

let dir: string
const children: ChildProcess[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'baton-builder-'))
  mkdirSync(join(dir, 'toolchain/meta'), { recursive: true })
  writeFileSync(join(dir, 'toolchain/digest'), 'd'.repeat(64))
  writeFileSync(join(dir, 'toolchain/toolchain.tgz'), 'archive')
  const require = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(dir, 'main.mjs'),
    banner: { js: require },
    logLevel: 'silent',
  })
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A controller and a Marathon that are not there. */
const settings = (port: number) => ({
  PORT0: String(port),
  INSTALLATION: 'abc123',
  STATE_URL: 'http://127.0.0.1:1',
  SERVICE_TOKEN: 'hush',
  MARATHON_URL: 'http://127.0.0.1:1',
  DATA_DIR: join(dir, 'data'),
  TOOLCHAIN_DIR: join(dir, 'toolchain'),
  TASK_BUILDER_URL: `http://127.0.0.1:${port}`,
})

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(dir, 'main.mjs')], { env: { PATH: process.env['PATH'] ?? '', ...env } })
  children.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk
    })
  }
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
  return { child, ended, said: () => said }
}

async function findPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('is healthy and waits while the controller and Marathon are away, and stops cleanly', async () => {
  const port = await findPort()
  const { child, ended, said } = start(settings(port))
  const health = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      ({ status }) => status,
      () => 0,
    )
  await expect.poll(health, { timeout: 10_000 }).toBe(200)
  await expect.poll(said, { timeout: 10_000 }).toMatch(/no work can be taken/)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(said()).not.toMatch(/hush/)
})

test('tells everything that is wrong with its settings, and does not start', async () => {
  const { ended, said } = start({ STATE_URL: 'nonsense', PORT0: '99999999' })
  expect(await ended).toBe(1)
  for (const name of ['STATE_URL', 'PORT0', 'SERVICE_TOKEN', 'INSTALLATION', 'TOOLCHAIN_DIR'])
    expect(said()).toContain(name)
})

test('tells that its toolchain is not there', async () => {
  const { ended, said } = start({ ...settings(0), TOOLCHAIN_DIR: join(dir, 'nothing') })
  expect(await ended).toBe(1)
  expect(said()).toMatch(/the toolchain in .*nothing cannot be read/)
})
