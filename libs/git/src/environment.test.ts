import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openMirror } from './mirror.ts'
import { listHeads, listRemote } from './remote.ts'
import { callGit } from './run.ts'
import { type BareRepository, createBareRepository } from './testing/bare-repository.ts'

let remote: BareRepository
beforeEach(() => {
  remote = createBareRepository()
})
afterEach(() => {
  vi.unstubAllEnvs()
  remote.remove()
})

test("nothing of the user's own settings or environment is heard", async () => {
  const head = remote.commit({ a: '1' })
  const home = join(remote.dir, 'person')
  mkdirSync(home)
  writeFileSync(
    join(home, '.gitconfig'),
    `[url "file:///nowhere"]\n\tinsteadOf = file://\n[core]\n\tsshCommand = false\n`,
  )
  vi.stubEnv('HOME', home)
  vi.stubEnv('GIT_DIR', '/nowhere')
  vi.stubEnv('GIT_CONFIG_COUNT', '1')
  vi.stubEnv('GIT_CONFIG_KEY_0', 'protocol.file.allow')
  vi.stubEnv('GIT_CONFIG_VALUE_0', 'never')
  expect((await listHeads(remote.settings, remote.url)).get('refs/heads/main')).toBe(head)
})

test('a protocol that is not named is refused by Git itself too', async () => {
  const args = ['ls-remote', '--', 'ext::sh -c "touch /tmp/x"']
  const end = await callGit(remote.settings, { args, timeoutMs: 10_000 })
  expect(end.code).not.toBe(0)
  expect(end.stderr).toMatch(/transport 'ext' not allowed/)
})

test('a Git that does not end is ended, with what it started', async () => {
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`
  const late = callGit(remote.settings, { args: ['ls-remote', '--', url], timeoutMs: 300 })
  await expect(late).rejects.toMatchObject({ code: 'GIT_TIMED_OUT' })
  const stop = new AbortController()
  const aborted = listHeads(remote.settings, url, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(aborted).rejects.toThrow('stopped')
  await expect.poll(() => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(url)
  server.closeAllConnections()
  server.close()
})

test('output that is too long is refused', async () => {
  const call = { args: ['help', '--all'], timeoutMs: 10_000, outputBytesMax: 10 }
  await expect(callGit(remote.settings, call)).rejects.toMatchObject({ code: 'GIT_OUTPUT_TOO_LARGE' })
})

/** Git's own smart HTTP server, as a CGI program. */
describe('over smart HTTP', () => {
  test('a remote is listed and mirrored', async () => {
    const head = remote.commit({ 'pipeline.ts': '1' })
    const env = {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: remote.dir,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: 'version=2',
    }
    const server = createServer((request, response) => {
      const [path, query = ''] = (request.url ?? '').split('?')
      const cgi = spawn('git', ['http-backend'], {
        env: {
          ...env,
          PATH_INFO: path,
          QUERY_STRING: query,
          REQUEST_METHOD: request.method ?? '',
          CONTENT_TYPE: request.headers['content-type'] ?? '',
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
          REMOTE_ADDR: '127.0.0.1',
        },
      })
      request.pipe(cgi.stdin)
      const chunks: Buffer[] = []
      cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
      cgi.on('close', () => {
        const whole = Buffer.concat(chunks)
        const split = whole.indexOf('\r\n\r\n')
        for (const line of whole.toString('latin1', 0, split).split('\r\n')) {
          const [name = '', value = ''] = line.split(': ')
          if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
          else response.setHeader(name, value)
        }
        response.end(whole.subarray(split + 4))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/todo.git`
    const settings = { ...remote.settings, allowLocal: false }

    expect(await listRemote(settings, url)).toMatchObject({ defaultRef: 'refs/heads/main' })
    const mirror = openMirror(settings, join(remote.dir, 'mirrors'), url)
    await mirror.fetchCommit(head, 'refs/heads/main')

    expect(await mirror.hasCommit(head)).toBe(true)
    server.close()
  })
})
