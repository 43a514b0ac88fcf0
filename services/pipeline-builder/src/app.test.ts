import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BareRepository, createBareRepository } from '@baton/git/testing'
import { createMarathonClient } from '@baton/marathon'
import { BatonError } from '@baton/model'
import { type Component, createLog, type Service } from '@baton/service-kit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startApp } from './app.ts'
import { readConfig } from './config.ts'
import { type Answers, openFakeState } from './testing/fake-state.ts'
import { openToolchain } from './toolchain/toolchain.ts'

const log = createLog({ service: 'test', level: 'silent' })
const pipeline = "import { pipeline } from '@baton/pipeline'\nexport default pipeline('todo', [])\n"
const digest = 'd'.repeat(64)

let remote: BareRepository
let state: Awaited<ReturnType<typeof openFakeState>>
let service: Service
let components: Component[]
let answers: Record<string, Answers[string]>

beforeEach(async () => {
  remote = createBareRepository()
  answers = {
    'GET /api/me': ({ token }) => {
      if (token === 'reader') return { name: 'r', role: 'read' }
      if (token === 'admin' || token === 'service') return { name: token, role: 'admin' }
      throw new BatonError('TOKEN_UNKNOWN', 'unauthorized', 'nobody knows this token')
    },
    'POST /api/repositories': ({ body }) => ({ ...body, registeredAt: '2026-01-01T00:00:00.000Z' }),
    'GET /api/repositories': () => [],
    'GET /api/repositories/*/hook-secret': () => ({ secret: 'hush' }),
    'GET /api/repositories/*': () => ({ slug: 'todo', url: remote.url, defaultRef: 'refs/heads/main' }),
    'DELETE /api/repositories/*': () => undefined,
    'POST /api/repositories/*/builds': ({ body }) => [{ pipeline: 'todo', number: 1, commit: body.commit }],
    'POST /api/versions/lookup': () => [],
    'PUT /api/meta-pipeline': () => ({ digest }),
    'POST /api/work/take': () => new Promise((resolve) => setTimeout(resolve, 2_000)),
  }
  state = await openFakeState(answers)
  const toolchainDir = join(remote.dir, 'toolchain')
  mkdirSync(join(toolchainDir, 'meta'), { recursive: true })
  writeFileSync(join(toolchainDir, 'digest'), `${digest}\n`)
  writeFileSync(join(toolchainDir, 'toolchain.tgz'), 'archive')
  writeFileSync(join(toolchainDir, 'meta/pipeline.cjs'), '// meta')
  writeFileSync(join(toolchainDir, 'meta/description.json'), '{"name":"meta"}')
  const config = readConfig({
    INSTALLATION: 'abc123',
    STATE_URL: state.url,
    SERVICE_TOKEN: 'service',
    MARATHON_URL: 'http://127.0.0.1:1',
    DATA_DIR: join(remote.dir, 'data'),
    TOOLCHAIN_DIR: toolchainDir,
    TASK_BUILDER_URL: 'http://127.0.0.1:2/',
    ALLOW_LOCAL_GIT: 'true',
  })
  const marathon = createMarathonClient({ url: config.marathonUrl })
  const toolchain = await openToolchain(toolchainDir)
  const app = startApp({ config, version: '1', log, state: state.state, marathon, toolchain })
  service = app.service
  components = app.components
})
afterEach(async () => {
  for (const component of components.reverse()) await component.close()
  await service.close()
  await state.close()
  remote.remove()
})

type Method = 'GET' | 'POST' | 'DELETE'

async function ask(method: Method, url: string, body?: object, token: string | undefined = 'admin', more = {}) {
  const headers = { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...more }
  const answer = await service.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) })
  return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
}
const register = (body: object, token?: string) => ask('POST', '/repositories', body, token)
const stored = () => state.heard('POST /api/repositories')

describe('a repository', () => {
  test('is registered with its heads as the baseline, in the name of the caller', async () => {
    const head = remote.commit({ 'pipeline.ts': pipeline })
    const other = remote.commit({ a: '1' }, { branch: 'topic' })
    const answer = await register({ url: remote.url, refs: ['main', 'refs/tags/*'] })
    expect(answer).toMatchObject({
      status: 201,
      body: { slug: 'todo', hookSecret: 'hush', hooks: { github: '/hooks/github?repository=todo' } },
    })
    expect(stored()).toMatchObject([
      {
        token: 'admin',
        body: {
          slug: 'todo',
          refs: ['refs/heads/main', 'refs/tags/*'],
          every: 'head',
          defaultRef: 'refs/heads/main',
          heads: [
            { ref: 'refs/heads/main', head },
            { ref: 'refs/heads/topic', head: other },
          ],
        },
      },
    ])
  })

  test('is shown with what a forge has to be told, to whoever may know', async () => {
    answers['GET /api/repositories/*/hook-secret'] = ({ token }) => {
      if (token !== 'admin') throw new BatonError('TOKEN_FORBIDDEN', 'forbidden', 'no')
      return { secret: 'hush' }
    }
    expect(await ask('GET', '/repositories/todo')).toMatchObject({
      status: 200,
      body: { slug: 'todo', hookSecret: 'hush', hooks: { gitlab: '/hooks/gitlab?repository=todo' } },
    })
    expect(await ask('GET', '/repositories/todo', undefined, 'reader')).toMatchObject({ status: 403 })
  })

  test.each([
    ['looks like an option', { url: '--upload-pack=x' }, 400, 'URL_INVALID'],
    ['uses a helper', { url: 'ext::sh -c id' }, 400, 'URL_INVALID'],
    ['is away', { url: 'http://127.0.0.1:1/x.git' }, 503, 'REMOTE_UNREACHABLE'],
    ['is empty', { url: '' }, 400, 'REQUEST_INVALID'],
    ['comes with what nobody knows', { url: 'https://x.example/y', evry: 'commit' }, 400, 'REQUEST_INVALID'],
    ['comes with a bad slug', { url: 'https://x.example/y', slug: 'A--b' }, 400, 'SLUG_INVALID'],
    ['comes with a bad pattern', { url: 'https://x.example/y', refs: ['a..b'] }, 400, 'REF_PATTERN_INVALID'],
  ])('whose URL %s is refused, and nothing is stored', async (_what, body, status, code) => {
    expect(await register(body)).toMatchObject({ status, body: { code } })
    expect(stored()).toEqual([])
  })

  test('without a commit or a pipeline is refused, with an example', async () => {
    expect(await register({ url: remote.url })).toMatchObject({ status: 400, body: { code: 'EMPTY_REPOSITORY' } })
    remote.commit({ 'README.md': 'x' })
    const answer = await register({ url: remote.url })
    expect(answer).toMatchObject({ status: 400, body: { code: 'PIPELINE_MISSING' } })
    expect(answer.body.hint).toContain("export default pipeline('first'")
    expect(stored()).toEqual([])
  })

  test('needs a token that may change things, before anything is looked at', async () => {
    expect(await register({ url: remote.url }, '')).toMatchObject({ status: 401, body: { code: 'TOKEN_MISSING' } })
    expect(await register({ url: remote.url }, 'guess')).toMatchObject({ status: 401, body: { code: 'TOKEN_UNKNOWN' } })
    expect(await register({ url: remote.url }, 'reader')).toMatchObject({
      status: 403,
      body: { code: 'TOKEN_FORBIDDEN' },
    })
    expect((await ask('GET', '/repositories', undefined, '')).status).toBe(401)
    expect((await ask('DELETE', '/repositories/todo', undefined, '')).status).toBe(401)
    expect((await ask('POST', '/repositories/todo/builds', {}, '')).status).toBe(401)
  })

  test("that is registered already is the controller's no, as it is", async () => {
    remote.commit({ 'pipeline.ts': pipeline })
    answers['POST /api/repositories'] = () => {
      throw new BatonError('REPOSITORY_EXISTS', 'conflict', 'it is registered as todo')
    }
    expect(await register({ url: remote.url })).toMatchObject({ status: 409, body: { code: 'REPOSITORY_EXISTS' } })
  })

  test('is removed and listed', async () => {
    expect((await ask('DELETE', '/repositories/todo')).status).toBe(204)
    expect(await ask('GET', '/repositories')).toEqual({ status: 200, body: { repositories: [] } })
  })
})

describe('builds that a person asks for', () => {
  const started = () => state.heard('POST /api/repositories/*/builds')
  const start = (body: object, more = {}) => ask('POST', '/repositories/todo/builds', body, 'admin', more)

  test('are of a commit, of a ref, or of the default branch', async () => {
    const first = remote.commit(
      { 'pipeline.ts': pipeline, 'pipelines/deploy.ts': pipeline },
      { message: 'one [skip ci]' },
    )
    const second = remote.commit({ a: '1' }, { branch: 'topic' })
    expect((await start({ commit: first })).status).toBe(201)
    await start({ ref: 'topic' }, { 'idempotency-key': 'request-1' })
    await start({ pipeline: 'todo/deploy' })
    expect(started().map(({ body }) => [body.commit, body.ref, body.resolutions.length])).toEqual([
      [first, 'refs/heads/main', 2],
      [second, 'refs/heads/topic', 2],
      [first, 'refs/heads/main', 1],
    ])
    expect(started()[1]?.body).toMatchObject({ requestId: 'request-1', info: { author: 'Ann', subject: 'change' } })
  })

  test.each([
    [{ commit: 'ab'.repeat(20) }, 404, 'COMMIT_UNKNOWN'],
    [{ commit: 'main' }, 400, 'COMMIT_INVALID'],
    [{ ref: 'nowhere' }, 404, 'REF_UNKNOWN'],
    [{ pipeline: 'todo/none' }, 404, 'PIPELINE_UNKNOWN'],
    [{ branch: 'main' }, 400, 'REQUEST_INVALID'],
  ])('%j is refused, and nothing is stored', async (wish, status, code) => {
    remote.commit({ 'pipeline.ts': pipeline })
    expect(await start(wish)).toMatchObject({ status, body: { code } })
    expect(started()).toEqual([])
  })
})

describe('the toolchain', () => {
  test('is given to whoever knows its digest', async () => {
    const answer = await service.inject({ url: `/toolchain/${digest}.tgz` })
    expect(answer).toMatchObject({ statusCode: 200, body: 'archive' })
    const other = await service.inject({ url: `/toolchain/${'e'.repeat(64)}.tgz` })
    expect(other.json()).toMatchObject({ status: 404, code: 'TOOLCHAIN_UNKNOWN' })
    expect((await service.inject({ url: '/toolchain/..%2fdigest' })).statusCode).toBe(404)
  })

  test('is announced with the meta-pipeline in it', async () => {
    await expect.poll(() => state.heard('PUT /api/meta-pipeline').length).toBe(1)
    expect(state.heard('PUT /api/meta-pipeline')[0]?.body).toMatchObject({ description: { name: 'meta' } })
  })
})

test('status tells what can be reached, to whoever has a token', async () => {
  await expect.poll(() => state.heard('PUT /api/meta-pipeline').length).toBe(1)
  const { details } = (await ask('GET', '/status')).body.application
  expect(details).toMatchObject({
    stateController: { status: 'ok' },
    marathon: { status: 'error' },
    mirrors: { status: 'ok' },
  })
  expect((await ask('GET', '/status', undefined, 'service')).status).toBe(200)
  expect(await ask('GET', '/status', undefined, '')).toMatchObject({ status: 401, body: { code: 'TOKEN_MISSING' } })
  expect(await ask('GET', '/metrics', undefined, 'guess')).toMatchObject({
    status: 401,
    body: { code: 'TOKEN_UNKNOWN' },
  })
  expect((await ask('GET', '/health', undefined, '')).status).toBe(200)
})
