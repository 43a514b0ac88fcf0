import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  adminToken,
  buildReady,
  claimNext,
  commitB,
  key,
  type ServedApp,
  serveApp,
  serviceToken,
  todo,
} from './testing/serve-app.ts'

let app: ServedApp
beforeEach(async () => {
  app = await serveApp()
})
afterEach(async () => await app.close())

const statusOf = async (path: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(app.url + path, init)).status
const as = (token: string, method = 'GET'): RequestInit => ({ method, headers: { authorization: `Bearer ${token}` } })

describe('who may', () => {
  test('every route that is described wants a token, but claims, bundles and login', async () => {
    const { paths } = (await (await fetch(`${app.url}/openapi.json`)).json()) as { paths: Record<string, object> }
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method, path]),
    )
    expect(routes.length).toBeGreaterThan(35)
    const open: string[] = []
    for (const [method = '', path = ''] of routes) {
      const filled = path.replace(/\{[^}]+\}/g, '1')
      const answer = await fetch(app.url + filled, { method: method.toUpperCase() })
      if (answer.status !== 401) open.push(`${method} ${path}`)
      else expect(await answer.json()).toMatchObject({ code: 'TOKEN_MISSING', status: 401 })
    }
    expect(open.sort()).toEqual(['get /bundles/{bundleKey}/{file}', 'get /login', 'post /api/claims'])
    expect(await statusOf('/health')).toBe(200)
    expect(await statusOf('/status')).toBe(401)
    expect(await statusOf('/metrics', as(adminToken))).toBe(200)
  })

  test('a token that is not known is told apart from none, and a role from another', async () => {
    expect(await (await fetch(`${app.url}/api/builds`, as('guessed'))).json()).toMatchObject({ code: 'TOKEN_UNKNOWN' })
    await expect(app.client.listTokens()).rejects.toMatchObject({ code: 'TOKEN_FORBIDDEN' })
    const reader = app.client.withToken((await app.admin.addToken({ name: 'wall', role: 'read' })).token)
    await expect(reader.addRepository(todo)).rejects.toMatchObject({ code: 'TOKEN_FORBIDDEN' })
    expect(await reader.listBuilds({})).toEqual([])
    expect(await reader.me()).toEqual({ name: 'wall', role: 'read' })
  })

  test('an operator sees in the status whether the database answers', async () => {
    const database = async () => {
      const answer = await fetch(`${app.url}/status`, as(adminToken))
      return ((await answer.json()) as { application: { details: { database: object } } }).application.details.database
    }
    expect(await database()).toEqual({ status: 'ok', message: 'answers' })
    vi.spyOn(app.ports.tokens, 'list').mockRejectedValue(new Error('disk I/O error'))
    expect(await database()).toEqual({ status: 'error', message: 'disk I/O error' })
  })

  test('a revoked token is not known any more', async () => {
    const { id, token } = await app.admin.addToken({ name: 'wall', role: 'read' })
    expect((await app.admin.listTokens()).map(({ name }) => name)).toEqual(['wall'])
    await app.admin.removeToken(id)
    await expect(app.client.withToken(token).me()).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN' })
  })

  test('a build writes to its own attempt and reads nothing', async () => {
    await buildReady(app)
    const { token, writer } = await claimNext(app, 'place-build')
    await writer.events({ from: 0, events: [] })
    const build = app.client.withToken(token)
    await expect(build.attempts('todo', 2, 1).events({ from: 0, events: [] })).rejects.toMatchObject({ status: 403 })
    await expect(build.listBuilds({})).rejects.toMatchObject({ code: 'TOKEN_FORBIDDEN' })
    await expect(build.publish(key, { digest: key, description: {} as never })).rejects.toMatchObject({ status: 400 })
  })

  test('a password in a repository address is for services alone', async () => {
    await app.close()
    app = await serveApp({ OPEN_READS: 'true' })
    await app.client.addRepository({ ...todo, url: 'https://bot:hunter2@forge.invalid/todo.git' })
    expect(JSON.stringify(await app.client.listRepositories())).toContain('hunter2')
    const shown = await (await fetch(`${app.url}/api/repositories`)).text()
    expect(shown).toContain('forge.invalid')
    expect(shown).not.toContain('hunter2')
  })

  test('with open reads, reading is open and changing is not', async () => {
    await app.close()
    app = await serveApp({ OPEN_READS: 'true' })
    expect(await statusOf('/api/builds')).toBe(200)
    expect(await statusOf('/status')).toBe(200)
    expect(await statusOf('/api/builds/todo/1/kill', { method: 'POST' })).toBe(401)
    expect(await statusOf('/api/attempts?lane=build')).toBe(401)
    // A token that is not known is nobody's, also where nobody may read: others ask by it whom they speak to.
    expect(await statusOf('/api/me', { headers: { authorization: 'Bearer made-up' } })).toBe(401)
    expect(await statusOf('/api/me', { headers: { cookie: 'baton_session=of-yesterday' } })).toBe(200)
  })
})

describe('a browser', () => {
  async function login(): Promise<string> {
    const { path } = await app.admin.makeLoginLink()
    const answer = await fetch(app.url + path, { redirect: 'manual' })
    expect(answer.status).toBe(303)
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/)
    expect(await statusOf(path, { redirect: 'manual' })).toBe(403)
    return cookie.split(';')[0] ?? ''
  }

  test('logs in by a link once, and is an admin then', async () => {
    const cookie = await login()
    const me = await fetch(`${app.url}/api/me`, { headers: { cookie } })
    expect(await me.json()).toMatchObject({ role: 'admin' })
  })

  test('a page of another site cannot use its session', async () => {
    const headers = { cookie: await login(), 'content-type': 'application/json' }
    const kill = (more: Record<string, string>) =>
      statusOf('/api/builds/todo/1/kill', { method: 'POST', headers: { ...headers, ...more }, body: '{}' })
    expect(await kill({ origin: 'https://evil.invalid' })).toBe(401)
    expect(await kill({})).toBe(401)
    expect(await kill({ origin: app.url })).toBe(404)
  })

  test('a guessed link is refused', async () => {
    expect(await statusOf('/login?key=bl_guess', { redirect: 'manual' })).toBe(403)
  })
})

describe('work', () => {
  test('whoever waits is woken when there is some', async () => {
    const waiting = app.client.take({ kinds: ['resolve'], owner: 'a', waitMs: 20_000 })
    await app.client.addRepository(todo)
    expect(await waiting).toMatchObject({
      kind: 'resolve',
      epoch: 1,
      payload: { entry: { commit: todo.heads[0]?.head } },
    })
  })

  test('nobody waits for longer than asked, or while the service drains', async () => {
    expect(await app.client.take({ kinds: ['resolve'], owner: 'a', waitMs: 1 })).toBeUndefined()
    const waiting = app.client.take({ kinds: ['resolve'], owner: 'a', waitMs: 20_000 })
    await expect.poll(() => app.service.server.listening).toBe(true)
    app.service.kit.markStopping()
    app.service.kit.startDraining()
    expect(await waiting).toBeUndefined()
  })

  test('an outcome that does not fit its kind is refused, and the work stays', async () => {
    await app.client.addRepository(todo)
    const work = await app.client.take({ kinds: ['resolve'], owner: 'a', waitMs: 0 })
    if (work === undefined) throw new Error('no work')
    await expect(app.client.done(work as never, { wrong: true } as never)).rejects.toMatchObject({
      code: 'OUTCOME_INVALID',
    })
    await app.client.renew(work.id, work.epoch)
    await expect(app.client.renew('nothing', 1)).rejects.toMatchObject({ code: 'WORK_UNKNOWN' })
  })
})

describe('an attempt', () => {
  test('is fetched, claimed, written, reported, and then fenced', async () => {
    await buildReady(app)
    const { bundle, writer, claim, pipeline, number } = await claimNext(app, 'place-build')
    expect(await (await fetch(app.url + bundle.path)).text()).toBe('export {} // todo')
    const at = new Date().toISOString()
    await writer.events({ from: 0, events: [{ type: 'plan', at, steps: [{ id: '1', name: 'test', kind: 'step' }] }] })
    await writer.events({ from: 1, events: [{ type: 'step', at, step: '1', status: 'running' }] })
    await expect(writer.events({ from: 9, events: [] })).rejects.toMatchObject({
      code: 'EVENTS_GAP',
      fields: { want: 2 },
    })
    expect(await writer.output('1', 0, Buffer.from('one\ntwo\n'))).toEqual({ next: 8 })
    const result = { status: 'success', reason: null, events: 3, outputs: { '1': 8 } } as const
    await expect(writer.result(result)).rejects.toMatchObject({ code: 'RESULT_INCOMPLETE', fields: { events: 2 } })
    await writer.events({ from: 2, events: [{ type: 'step', at, step: '1', status: 'success', result: { ok: 1 } }] })
    await writer.result(result)
    await writer.result(result)
    await expect(writer.output('1', 8, Buffer.from('late'))).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
    expect(await statusOf(bundle.path)).toBe(404)
    const detail = await app.client.getBuild(pipeline, number)
    expect(detail).toMatchObject({ status: 'success', attempts: [{ taskId: claim.taskId, refusedWrites: 1 }] })
    expect(detail.steps).toMatchObject([{ id: '1', status: 'success', outputBytes: 8, result: { ok: 1 } }])
    const piece = await app.client.readOutput(pipeline, number, '1', { offset: 4, limitBytes: 100 })
    expect(piece).toEqual({ bytes: Buffer.from('two\n'), total: 8, ended: true })
  })

  test('hears an order to stop while it waits for one', async () => {
    await buildReady(app)
    const { writer } = await claimNext(app, 'place-build')
    const beat = writer.beat(20_000)
    const kill = app.admin.kill('todo', 1, 'enough')
    expect(await beat).toMatchObject({ order: 'stop', reason: { code: 'killed.person', args: { comment: 'enough' } } })
    expect(await kill).toMatchObject({ status: 'running', killWanted: true })
  })

  test('a guessed ticket, a second process and a malformed claim are told apart and change nothing', async () => {
    await buildReady(app)
    const { claim } = await claimNext(app, 'place-build')
    const post = async (more: object) => {
      const body = JSON.stringify({ ...claim, sandbox: null, ...more })
      const headers = { 'content-type': 'application/json' }
      return await (await fetch(`${app.url}/api/claims`, { method: 'POST', headers, body })).json()
    }
    expect(await post({ ticket: 'x'.repeat(64) })).toMatchObject({ code: 'TICKET_UNKNOWN', status: 403 })
    expect(await post({ number: 77 })).toMatchObject({ code: 'TICKET_UNKNOWN', status: 403 })
    expect(await post({ nonce: 'm'.repeat(20) })).toMatchObject({ code: 'CLAIM_TAKEN', status: 409 })
    expect(await post({ nonce: 'short' })).toMatchObject({ code: 'REQUEST_INVALID', status: 400 })
    expect(await post({})).toMatchObject({ commit: expect.stringMatching(/^a+$/) })
  })
})

describe('events', () => {
  async function follow(lastId: number | undefined, enough: number, topic = ''): Promise<string> {
    const stop = new AbortController()
    const headers: Record<string, string> = { authorization: `Bearer ${serviceToken}` }
    if (lastId !== undefined) headers['last-event-id'] = String(lastId)
    const answer = await fetch(`${app.url}/api/events${topic}`, { headers, signal: stop.signal })
    let text = ''
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString()
      if ((text.match(/^id: /gm) ?? []).length >= enough) break
    }
    stop.abort()
    return text
  }

  test('are resumed after the last one, in order, without a gap', async () => {
    await buildReady(app)
    const all = (await follow(0, 8)).match(/^id: \d+/gm) ?? []
    expect(all.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((id) => `id: ${id}`))
    expect((await follow(5, 1)).match(/^id: \d+/gm)?.[0]).toBe('id: 6')
  })

  test('of a place that is not kept any more begin with a reset', async () => {
    expect(await follow(999_999, 1)).toContain('event: reset')
  })

  test('come live, by topic', async () => {
    await app.client.addRepository(todo)
    const following = follow(undefined, 1, '?topic=ledger:todo')
    await expect.poll(() => app.ports.hub.listeners).toBe(1)
    const change = { ref: 'refs/heads/main', before: todo.heads[0]?.head ?? null, after: commitB }
    await app.client.deliver('todo', { id: 'd1', digest: 'x', changes: [change] })
    const text = await following
    expect(text).toContain('event: ledger')
    expect(text).toContain(commitB)
    expect(text).not.toContain('event: repository')
  })
})
