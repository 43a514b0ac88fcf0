import { createHmac } from 'node:crypto'
import { BatonError } from '@baton/model'
import { createLog, createService, type Service } from '@baton/service-kit'
import type { Delivery, Repository, StateClient } from '@baton/state-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { registerHooks } from './routes.ts'

const secret = 'hush'
const log = createLog({ service: 'test', level: 'silent' })
const [before, after] = ['a'.repeat(40), 'b'.repeat(40)]
const zeros = '0'.repeat(40)

let service: Service
let delivered: { slug: string; delivery: Delivery }[]
let looked: string[]
let away: number
let registered: { slug: string; url: string }[]

beforeEach(() => {
  delivered = []
  looked = []
  away = 0
  registered = [
    { slug: 'todo', url: 'git@forge.example:shop/todo.git' },
    { slug: 'hub', url: 'https://github.com/Shop/Hub' },
  ]
  const state = {
    listRepositories: async () => registered as unknown as Repository[],
    getHookSecret: async () => secret,
    async deliver(slug: string, delivery: Delivery) {
      if (away-- > 0) throw new BatonError('STATE_UNREACHABLE', 'unavailable', 'away')
      delivered.push({ slug, delivery })
      return { known: false, entries: [{ id: 1, ref: 'refs/heads/main', commit: after }], look: false }
    },
    look: async (slug: string) => void looked.push(slug),
  }
  service = createService({ name: 'test', version: '1', log, config: {} })
  registerHooks(service, { state: state as unknown as StateClient, log })
})
afterEach(() => service.close())

const hmac = (text: string, key = secret): string => createHmac('sha256', key).update(text).digest('hex')

async function post(forge: string, body: unknown, headers: Record<string, string> = {}, query = '') {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  const signed = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, v.replace('SIGNED', hmac(payload))]))
  const answer = await service.inject({
    method: 'POST',
    url: `/hooks/${forge}${query}`,
    headers: { 'content-type': 'application/json', ...signed },
    payload,
  })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

const repository = { clone_url: 'https://forge.example/shop/todo.git', ssh_url: 'git@forge.example:shop/todo.git' }
const push = { ref: 'refs/heads/main', before, after, repository }
const github = { 'x-github-event': 'push', 'x-github-delivery': 'd-1', 'x-hub-signature-256': 'sha256=SIGNED' }
const project = { git_http_url: 'https://forge.example/shop/todo.git' }
const change = { name: 'main', type: 'branch' }

/** Each forge's own way to tell of the same push. */
const pushes: [string, unknown, Record<string, string>][] = [
  ['github', push, github],
  ['gitlab', { ref: push.ref, before, after, project }, { 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': secret }],
  ['gitea', push, { 'x-gitea-event': 'push', 'x-gitea-signature': 'SIGNED' }],
  [
    'bitbucket',
    {
      repository: { links: { html: { href: 'https://forge.example/shop/todo' } } },
      push: {
        changes: [{ old: { ...change, target: { hash: before } }, new: { ...change, target: { hash: after } } }],
      },
    },
    { 'x-event-key': 'repo:push', 'x-hub-signature': 'sha256=SIGNED' },
  ],
  ['generic', { repository: 'todo', ref: push.ref, before, after }, { 'x-baton-signature': 'sha256=SIGNED' }],
]

describe.each(pushes)('a hook of %s', (forge, body, headers) => {
  test('that is signed is delivered, and answered with its entries', async () => {
    const answer = await post(forge, body, headers)
    expect(answer).toMatchObject({ status: 200, body: { entries: [{ id: 1 }] } })
    expect(delivered).toMatchObject([{ slug: 'todo', delivery: { changes: [{ ref: push.ref, before, after }] } }])
  })

  test('that is sent again has the same delivery id', async () => {
    await post(forge, body, headers)
    await post(forge, body, headers)
    expect(delivered[0]?.delivery.id).toBe(delivered[1]?.delivery.id)
    expect(delivered[0]?.delivery.digest).toBe(delivered[1]?.delivery.digest)
  })

  test('that is unsigned only has the remote looked at', async () => {
    const unsigned = Object.fromEntries(Object.entries(headers).filter(([name]) => !/signature|token/.test(name)))
    expect(await post(forge, body, unsigned)).toMatchObject({ status: 202 })
    expect({ delivered, looked }).toEqual({ delivered: [], looked: ['todo'] })
  })

  test('that is forged is refused and leaves nothing', async () => {
    const forged = Object.fromEntries(
      Object.entries(headers).map(([k, v]) => [
        k,
        /signature|token/.test(k) ? v.replace('SIGNED', hmac('other')).replace(secret, 'guess') : v,
      ]),
    )
    expect(await post(forge, body, forged)).toMatchObject({ status: 401, body: { code: 'HOOK_FORGED' } })
    expect({ delivered, looked }).toEqual({ delivered: [], looked: [] })
  })
})

describe('a hook', () => {
  test('of a new or deleted branch has nothing before or after', async () => {
    await post('github', { ...push, before: zeros, created: true }, github)
    await post('github', { ...push, after: zeros, deleted: true, head_commit: null }, github)
    expect(delivered.map(({ delivery }) => delivery.changes)).toMatchObject([
      [{ before: null, after }],
      [{ before, after: null }],
    ])
  })

  test('of an annotated tag names its commit, not the tag', async () => {
    const tag = { ...push, ref: 'refs/tags/v1', before: zeros, after: 'c'.repeat(40), head_commit: { id: after } }
    await post('github', tag, github)
    expect(delivered[0]?.delivery.changes).toEqual([{ ref: 'refs/tags/v1', before: null, after }])
  })

  test('of GitHub may come as a form', async () => {
    const payload = `payload=${encodeURIComponent(JSON.stringify(push))}`
    const headers = { ...github, 'content-type': 'application/x-www-form-urlencoded' }
    expect(await post('github', payload, headers)).toMatchObject({ status: 200 })
  })

  test('of a shell may call itself a form, as curl -d does', async () => {
    const headers = { ...github, 'content-type': 'application/x-www-form-urlencoded' }
    expect(await post('github', JSON.stringify(push), headers)).toMatchObject({ status: 200 })
  })

  test('that is no push is answered and forgotten', async () => {
    expect(await post('github', { zen: 'x' }, { ...github, 'x-github-event': 'ping' })).toMatchObject({ status: 200 })
    const system = { 'x-gitlab-event': 'System Hook', 'x-gitlab-token': secret }
    expect(await post('gitlab', { event_name: 'user_create' }, system)).toMatchObject({ status: 200 })
    expect(delivered).toEqual([])
  })

  test('of a deleted branch in Gitea, which sends no push, has the remote looked at', async () => {
    const body = { ref: 'topic', ref_type: 'branch', repository }
    await post('gitea', body, { 'x-gitea-event': 'delete', 'x-gitea-signature': 'SIGNED' })
    expect(delivered[0]?.delivery.changes).toEqual([{ ref: 'refs/heads/topic', before: null, after: null }])
  })

  test('finds its repository by slug, whatever the case GitHub writes its URL in', async () => {
    const other = { ...push, repository: { clone_url: 'https://github.com/shop/hub.git' } }
    expect((await post('github', other, github)).status).toBe(200)
    const unknown = { ...push, repository: { clone_url: 'https://elsewhere.example/x' } }
    expect((await post('github', unknown, github, '?repository=hub')).status).toBe(200)
    expect(delivered.map(({ slug }) => slug)).toEqual(['hub', 'hub'])
  })

  test('of a repository that nobody registered is refused; once it is registered, it is not', async () => {
    const other = { ...push, repository: { clone_url: 'https://forge.example/shop/new' } }
    expect(await post('github', other, github)).toMatchObject({ status: 404, body: { code: 'REPOSITORY_UNKNOWN' } })
    registered = [...registered, { slug: 'new', url: 'https://forge.example/shop/new.git' }]
    expect((await post('github', other, github)).status).toBe(200)
  })

  test.each([
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['empty', ''],
    ['no repository', { ref: 'refs/heads/main', before, after }],
    ['a short hash', { ...push, after: 'abc' }],
    ['a hash that is no text', { ...push, after: { toString: 'x' } }],
    ['a bad ref', { ...push, ref: 'main' }],
    ['a ref with tricks', { ...push, ref: 'refs/heads/../x' }],
    ['no ref', { repository }],
  ])('with %s is malformed', async (_what, body) => {
    expect(await post('github', body, github)).toMatchObject({ status: 400, body: { code: 'HOOK_MALFORMED' } })
    expect({ delivered, looked }).toEqual({ delivered: [], looked: [] })
  })

  test('of an unknown forge is no route', async () => {
    expect(await post('sourceforge', push)).toMatchObject({ status: 404, body: { code: 'FORGE_UNKNOWN' } })
    expect((await post('toString', push)).status).toBe(404)
    expect((await post('generic', push, {}, '?repository=--x')).status).toBe(404)
  })

  test('is delivered by a controller that comes back, and refused for later if it does not', async () => {
    away = 2
    expect((await post('github', push, github)).status).toBe(200)
    away = 99
    expect(await post('github', push, github)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
  })

  test('looks are put together, and the last one is not lost', async () => {
    for (let n = 0; n < 5; n++) await post('generic', { repository: 'todo', ref: push.ref, before, after })
    expect(looked).toEqual(['todo'])
    await expect.poll(() => looked, { timeout: 5_000 }).toEqual(['todo', 'todo'])
  })
})
