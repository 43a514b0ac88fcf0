import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, ask } from '../platform/ask.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import { snapshotOf } from '../platform/snapshot.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'

let platform: StartedPlatform
beforeAll(async () => {
  platform = await startPlatform()
  const repository = await platform.repository('todo', { 'pipeline.ts': pipelineCode(["step('says', sh`true`)"]) })
  await platform.isGone(await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'success'))
})
afterAll(() => platform?.stop())

const hash = 'ab'.repeat(32)
/** What changes something, or tells a secret. */
const guarded = [
  ['POST', '/api/repositories'],
  ['DELETE', '/api/repositories/todo'],
  ['POST', '/api/repositories/todo/look'],
  ['POST', '/api/repositories/todo/builds'],
  ['POST', '/api/repositories/todo/deliveries'],
  ['GET', '/api/repositories/todo/hook-secret'],
  ['POST', '/api/repositories/todo/hook-secret'],
  ['GET', '/api/repositories/todo/secrets'],
  ['PUT', '/api/repositories/todo/secrets/NPM_TOKEN'],
  ['DELETE', '/api/repositories/todo/secrets/NPM_TOKEN'],
  ['POST', '/api/builds/todo/1/kill'],
  ['POST', '/api/builds/todo/1/retrigger'],
  ['POST', '/api/builds/todo/1/attempts/1/events'],
  ['POST', '/api/builds/todo/1/attempts/1/output/1?offset=0'],
  ['POST', '/api/builds/todo/1/attempts/1/beat'],
  ['POST', '/api/builds/todo/1/attempts/1/result'],
  ['POST', '/api/builds/todo/1/attempts/1/ended'],
  ['POST', '/api/work/take'],
  ['POST', '/api/work/1/done'],
  ['PUT', `/api/versions/${hash}`],
  ['PUT', `/api/versions/${hash}/bundle`],
  ['GET', '/api/tokens'],
  ['POST', '/api/tokens'],
] as const
/** What may be looked at on one's own machine without a token, and nowhere else. */
const reads = [
  '/api/me',
  '/api/repositories',
  '/api/repositories/todo',
  '/api/ledger',
  '/api/pipelines',
  '/api/builds',
  '/api/builds/todo/1',
  '/api/builds/todo/1/output/1',
  '/cctray.xml',
  '/status',
  '/metrics',
]

const json = {}
const stateUrl = (path: string) => `${platform.file.stateUrl}${path}`

function expectRefused({ status, json, headers }: Answer, code: string): void {
  expect({ status, code: json?.code }).toEqual({ status: 401, code })
  expect(headers.get('content-type')).toContain('application/problem+json')
}

describe('without a token', () => {
  test.each(guarded)('%s %s is refused, and changes nothing', async (method, path) => {
    const before = await snapshotOf(platform)
    const body = method === 'GET' ? {} : { json }

    expectRefused(await ask(stateUrl(path), { method, ...body }), 'TOKEN_MISSING')
    expectRefused(await ask(stateUrl(path), { method, ...body, token: 'f'.repeat(64) }), 'TOKEN_UNKNOWN')

    expect(await snapshotOf(platform)).toEqual(before)
  })

  test('nobody registers, removes or starts anything through the Builder', async () => {
    const before = await snapshotOf(platform)
    const url = platform.file.builderUrl
    for (const [method, path, body] of [
      ['POST', '/repositories', { url: 'https://forge.example/todo.git' }],
      ['GET', '/repositories', undefined],
      ['GET', '/repositories/todo', undefined],
      ['DELETE', '/repositories/todo', undefined],
      ['POST', '/repositories/todo/builds', {}],
      ['GET', '/status', undefined],
    ] as const) {
      expectRefused(await ask(`${url}${path}`, { method, ...(body && { json: body }) }), 'TOKEN_MISSING')
    }
    expect(await snapshotOf(platform)).toEqual(before)
  })

  test('nobody reaches the local Marathon', async () => {
    for (const path of ['/v2/apps', '/v2/info', '/v2/tasks', '/v2/deployments']) {
      expect((await ask(`${platform.file.marathonUrl}${path}`)).status).toBe(401)
    }
  })

  test('everything may be looked at that the platform opens on one machine, and nothing once it does not', async () => {
    for (const path of reads)
      expect({ path, status: (await ask(stateUrl(path))).status }).toEqual({ path, status: 200 })

    await platform.services.set('pipeline-state-controller', { OPEN_READS: 'false' })

    for (const path of reads) {
      const { status } = await ask(stateUrl(path))
      expect({ path, status }).toEqual({ path, status: 401 })
      const known = await ask(stateUrl(path), { token: platform.adminToken })
      expect({ path, status: known.status }).toEqual({ path, status: 200 })
    }
    expect((await ask(stateUrl('/health'))).status).toBe(200)
  })
})

describe('with a token that may only read', () => {
  test('nothing can be changed, and it can be taken back', async () => {
    const { id, token } = await platform.state.addToken({ name: 'screen in the hall', role: 'read' })
    const reader = platform.state.withToken(token)
    expect(await reader.getBuild('todo', 1)).toMatchObject({ status: 'success' })

    await expect(reader.removeRepository('todo')).rejects.toMatchObject({ code: 'TOKEN_FORBIDDEN' })
    await expect(reader.kill('todo', 1)).rejects.toMatchObject({ code: 'TOKEN_FORBIDDEN' })
    await expect(reader.getHookSecret('todo')).rejects.toMatchObject({ code: 'TOKEN_FORBIDDEN' })
    const url = `${platform.file.builderUrl}/repositories`
    const wish = { url: 'https://forge.example/x.git' }
    expect(await ask(url, { method: 'POST', token, json: wish })).toMatchObject({
      status: 403,
      json: { code: 'TOKEN_FORBIDDEN' },
    })

    await platform.state.removeToken(id)
    await expect(reader.me()).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
  })
})

test('secrets lie in files that only their owner reads', () => {
  const dir = join(platform.folders.data, 'secrets')
  const names = readdirSync(dir)
  expect(names).toEqual(expect.arrayContaining(['admin-token', 'service-token', 'master-key', 'marathon-password']))
  for (const name of names)
    expect({ name, mode: statSync(join(dir, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 })
  expect(statSync(dir).mode & 0o777).toBe(0o700)
})
