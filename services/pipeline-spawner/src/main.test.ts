import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

const directory = mkdtempSync(join(tmpdir(), 'pipeline-spawner-'))
const program = join(directory, 'pipeline-spawner.mjs')
const children: ChildProcess[] = []
const servers: Server[] = []

beforeAll(async () => {
  await build({
    entryPoints: [new URL('./main.ts', import.meta.url).pathname],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
})
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL')
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Listens where the controller and Marathon would be. Long polls are never answered. */
async function standIn(): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url?.split('?')[0]}`)
    if (request.url === '/api/me') response.end('{"name":"spawner","role":"service"}')
    else if (request.url === '/ping') response.end('pong')
    else if (request.url === '/api/attempts?lane=build') response.end('[]')
    else if (request.url?.startsWith('/v2/events'))
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

async function start(url: string, more: Record<string, string> = {}) {
  const settings = { INSTALLATION: 'abc123', STATE_URL: url, MARATHON_URL: url, SERVICE_TOKEN: 'service-token' }
  const env = { PATH: process.env['PATH'], PORT0: '0', DATA_DIR: join(directory, 'data'), ...settings, ...more }
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  for await (const line of createInterface(child.stdout)) {
    const { msg, port } = JSON.parse(line) as { msg: string; port?: number }
    if (msg === 'listening') return { child, url: `http://127.0.0.1:${port}` }
  }
  throw new Error('it ended before it listened')
}

interface Answered {
  code?: string
  application: { status: string; details: Record<string, { status: string }> }
}

const json = async (answer: Response) => (await answer.json()) as Answered
const read = (url: string, token?: string) =>
  fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })

test('serves, takes work, tells how it is, and stops when told', async () => {
  const other = await standIn()
  const { child, url } = await start(other.url)
  expect((await read(`${url}/health`)).status).toBe(200)
  const status = await json(await read(`${url}/status`, 'service-token'))
  expect(Object.keys(status.application.details)).toEqual(['state-controller', 'marathon', 'run-once'])
  expect(status.application.details['state-controller']).toMatchObject({ status: 'ok' })
  expect(JSON.stringify(status)).not.toContain('service-token')
  await vi.waitFor(() => expect(other.heard.filter((line) => line === 'POST /api/work/take')).toHaveLength(4))
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('without a token nobody reads more than health, and no hook is taken from an unknown forge', async () => {
  const { url } = await start((await standIn()).url)
  for (const path of ['/status', '/metrics']) {
    const answer = await read(url + path)
    expect([answer.status, (await json(answer)).code]).toEqual([401, 'TOKEN_MISSING'])
  }
  const hook = await fetch(`${url}/hooks/nowhere`, { method: 'POST', body: '{}' })
  expect([hook.status, (await json(hook)).code]).toEqual([404, 'FORGE_UNKNOWN'])
})

test('waits for a controller and a Marathon that are away', async () => {
  const { child, url } = await start('http://127.0.0.1:1', { OPEN_READS: 'true' })
  const answer = await read(`${url}/status`)
  const { application } = await json(answer)
  expect([answer.status, application.status]).toEqual([200, 'warning'])
  expect((await read(`${url}/health`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('says what is missing and does not start', async () => {
  const child = spawn(process.execPath, [program], { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
  children.push(child)
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  expect(text).toMatch(/INSTALLATION[\s\S]*STATE_URL[\s\S]*MARATHON_URL/)
})
