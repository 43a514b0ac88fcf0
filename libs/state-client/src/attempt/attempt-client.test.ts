import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterEach, expect, test } from 'vitest'
import { sendJson, serveHttp } from '../testing/serve-http.ts'
import { createAttemptClient } from './attempt-client.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

test('claims without a token, and writes with the one it got', async () => {
  const server = await serveHttp(({ url }, response) => {
    if (url === '/api/claims') sendJson(response, 200, { token: 'build-token' })
    else if (url.endsWith('/result')) response.writeHead(204).end()
    else sendJson(response, 200, { next: 3, order: 'go-on', reason: null })
  })
  const link = createAttemptClient({ url: `${server.url}/` })
  closers.push(server.close, link.close)
  const claim = { pipeline: 'todo', number: 1, attempt: 2, ticket: 't'.repeat(16), taskId: 'task', protocol: 1 }
  const { token } = await link.claim({ ...claim, nonce: 'n'.repeat(16), sandbox: null })
  const attempt = link.as(token, '~todo/deploy', 1, 2)
  expect(await attempt.events({ from: 0, events: [] })).toMatchObject({ next: 3 })
  await attempt.output('2.1', 5, Buffer.from([0xff]))
  expect(await attempt.beat(10)).toMatchObject({ order: 'go-on' })
  await attempt.result({ status: 'success', reason: null, events: 0, outputs: {} })

  const base = '/api/builds/~todo%2Fdeploy/1/attempts/2'
  expect(server.heard.map(({ url }) => url.replace(base, ''))).toEqual([
    '/api/claims',
    '/events',
    '/output/2.1?offset=5',
    '/beat',
    '/result',
  ])
  expect(server.heard.map(({ headers }) => headers.authorization?.slice(7))).toEqual([
    undefined,
    ...Array(4).fill(token),
  ])
  expect(server.heard[2]?.headers['content-type']).toBe('application/octet-stream')
  expect(server.heard[2]?.body).toEqual(Buffer.from([0xff]))
})

test('loads nothing heavy', async () => {
  const entryPoint = new URL('./index.ts', import.meta.url).pathname
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    minify: true,
  })
  const code = outputFiles[0]?.text ?? ''
  expect(code.length).toBeLessThan(30_000)
  const directory = await mkdtemp(join(tmpdir(), 'attempt-client-'))
  closers.push(() => rm(directory, { recursive: true }))
  const file = join(directory, 'attempt.mjs')
  await writeFile(file, code)
  const script = `await import(process.argv[1]); console.log(process.moduleLoadList.filter((m) => /NativeModule (https|tls|undici)/.test(m)).length)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, file])
  expect(stdout.trim()).toBe('0')
})
