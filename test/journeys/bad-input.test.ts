import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../platform/ask.ts'
import type { Moved } from '../platform/git-repository.ts'
import { signatureOf } from '../platform/hook.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import type { Repository } from '../platform/repository.ts'
import { snapshotOf } from '../platform/snapshot.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'

let platform: StartedPlatform
let todo: Repository
beforeAll(async () => {
  platform = await startPlatform()
  const code = pipelineCode(["step('says', sh`echo hello`)"])
  todo = await platform.repository('todo', { 'pipeline.ts': code })
  await platform.isGone(await platform.becomes(await platform.buildOf(todo, todo.firstCommit), 'success'))
})
afterAll(() => platform?.stop())

/** Does something that is to be refused, and sees that what is stored is what was stored before. */
async function storingNothing<T>(act: () => Promise<T>): Promise<T> {
  const before = await snapshotOf(platform)
  const answer = await act()
  expect(await snapshotOf(platform)).toEqual(before)
  return answer
}

const register = (wish: object) =>
  storingNothing(() =>
    ask(`${platform.file.builderUrl}/repositories`, { method: 'POST', token: platform.adminToken, json: wish }),
  )

describe('a repository that cannot be registered', () => {
  test.each([
    ['nothing listens there', 'http://127.0.0.1:9/shop/todo.git', 503, 'REMOTE_UNREACHABLE'],
    ['there is no such folder', 'file:///nowhere/todo.git', 503, 'REMOTE_UNREACHABLE'],
    ['it looks like an option', '--upload-pack=touch /tmp/owned', 400, 'URL_INVALID'],
    ['its host looks like an option', 'ssh://-oProxyCommand=touch%20owned/x', 400, 'URL_INVALID'],
    ['it names a helper program', 'ext::sh -c touch% owned', 400, 'URL_INVALID'],
    ['it is a path', '/etc/passwd', 400, 'URL_INVALID'],
  ])('because %s', async (_why, url, status, code) => {
    const answer = await register({ url })

    expect(answer).toMatchObject({ status, json: { code } })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.json.detail).toContain(url.slice(0, 20))
    expect(answer.json.hint).toEqual(expect.any(String))
  })

  test('because it has no pipeline.ts: the hint shows a first one', async () => {
    const git = await platform.git('without', { 'README.md': 'nothing to build' })

    const answer = await register({ url: git.url })

    expect(answer).toMatchObject({ status: 400, json: { code: 'PIPELINE_MISSING' } })
    expect(answer.json.hint).toContain("from '@baton/pipeline'")
  })

  test.each([
    ['the same URL', (url: string) => ({ url })],
    ['the same URL as another slug', (url: string) => ({ url, slug: 'other' })],
    ['the same URL, written otherwise', (url: string) => ({ url: url.replace(/\.git$/, '/'), slug: 'other' })],
  ])('because it is registered already: %s', async (_how, wishOf) => {
    expect(await register(wishOf(todo.git.url))).toMatchObject({ status: 409, json: { code: 'REPOSITORY_EXISTS' } })
  })

  test('because another one has its slug', async () => {
    const git = await platform.git('namesake', { 'pipeline.ts': pipelineCode(["step('a', sh`true`)"]) })

    expect(await register({ url: git.url, slug: 'todo' })).toMatchObject({
      status: 409,
      json: { code: 'REPOSITORY_EXISTS' },
    })
  })

  test.each([
    ['no URL', {}],
    ['an unknown field', { url: 'https://forge.example/todo.git', nonsense: true }],
    ['a slug that is none', { url: 'https://forge.example/todo.git', slug: 'No Slug!' }],
    ['a pattern that no ref can have', { url: 'https://forge.example/todo.git', refs: ['refs/heads/a b'] }],
  ])('because of %s', async (_what, wish) => {
    const answer = await register(wish)

    expect(answer.status).toBe(400)
    expect(answer.json.code).toEqual(expect.stringMatching(/^[A-Z_]+$/))
  })

  test('twice at the same moment: one of the two is', async () => {
    const git = await platform.git('raced', { 'pipeline.ts': pipelineCode(["step('a', sh`true`)"]) })
    const url = `${platform.file.builderUrl}/repositories`
    const once = () => ask(url, { method: 'POST', token: platform.adminToken, json: { url: git.url } })

    const answers = await Promise.all([once(), once(), once()])

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    const build = await platform.buildOf({ slug: 'raced' }, await git.git('rev-parse', 'HEAD'))
    await platform.isGone(await platform.becomes(build, 'success'))
    expect(await platform.state.listBuilds({ repository: 'raced', pipeline: 'raced' })).toHaveLength(1)
  })
})

describe('a commit that nobody has', () => {
  const unknown = 'ab'.repeat(20)

  test('cannot be started by hand', async () => {
    const url = `${platform.file.builderUrl}/repositories/todo/builds`

    const answer = await storingNothing(() =>
      ask(url, { method: 'POST', token: platform.adminToken, json: { commit: unknown } }),
    )

    expect(answer).toMatchObject({ status: 404, json: { code: 'COMMIT_UNKNOWN' } })
  })

  test('of a signed hook is in the ledger, and gone: nothing is built', async () => {
    const moved = { ref: 'refs/heads/elsewhere', before: 'cd'.repeat(20), after: unknown }
    expect(await todo.hook(moved)).toMatchObject({ status: 200, json: { entries: [{ commit: unknown }] } })

    const entry = await platform.entryOf(todo, unknown)

    expect(entry).toMatchObject({ state: 'gone', reason: { code: 'skipped.gone' }, fates: [] })
    expect(await platform.state.listBuilds({ commit: unknown })).toEqual([])
  })
})

describe('a hook that is not to be believed', () => {
  const moved: Moved = { ref: 'refs/heads/main', before: null, after: 'ef'.repeat(20) }
  const hookUrl = () => `${platform.file.spawnerUrl}/hooks/generic`
  const post = (url: string, body: string, headers: Record<string, string> = {}) =>
    storingNothing(() =>
      ask(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }),
    )
  const signed = (body: string) => ({ 'x-baton-signature': signatureOf(body, todo.hookSecret) })

  test.each([
    ['no JSON', '{"repository": "todo"'],
    ['a list', '[]'],
    ['without a ref', '{"repository":"todo"}'],
    ['with a ref that is none', '{"repository":"todo","ref":"main","before":null,"after":null}'],
    ['with a hash that is none', '{"repository":"todo","ref":"refs/heads/main","before":null,"after":"HEAD"}'],
    ['without a repository', '{"ref":"refs/heads/main","before":null,"after":null}'],
  ])('because it is malformed: %s', async (_what, body) => {
    for (const url of [hookUrl(), `${platform.file.builderUrl}/hooks/generic`]) {
      expect(await post(url, body, signed(body))).toMatchObject({ status: 400, json: { code: 'HOOK_MALFORMED' } })
    }
  })

  test('because it is forged: signed with another secret, or its body changed on the way', async () => {
    const body = JSON.stringify({ repository: 'todo', ...moved })
    const other = { 'x-baton-signature': signatureOf(body, 'a guess') }
    const changed = { 'x-baton-signature': signatureOf(body.replace('main', 'other'), todo.hookSecret) }

    expect(await post(hookUrl(), body, other)).toMatchObject({ status: 401, json: { code: 'HOOK_FORGED' } })
    expect(await post(hookUrl(), body, changed)).toMatchObject({ status: 401, json: { code: 'HOOK_FORGED' } })
  })

  test('because it is unsigned: it causes a look at the remote, which finds nothing', async () => {
    const body = JSON.stringify({ repository: 'todo', ...moved })
    expect(await post(hookUrl(), body)).toMatchObject({ status: 202, json: { look: true } })
  })

  test('because nobody registered its repository, or it comes from an unknown forge', async () => {
    const body = JSON.stringify({ repository: 'https://forge.example/none.git', ...moved })
    expect(await post(hookUrl(), body, signed(body))).toMatchObject({
      status: 404,
      json: { code: 'REPOSITORY_UNKNOWN' },
    })
    const unknown = `${platform.file.spawnerUrl}/hooks/sourceforge`
    expect(await post(unknown, body, signed(body))).toMatchObject({ status: 404, json: { code: 'FORGE_UNKNOWN' } })
  })
})

describe('a ticket that was guessed', () => {
  const claim = { ticket: 'x'.repeat(64), taskId: 'a-task', nonce: 'n'.repeat(32), protocol: 1, sandbox: null }
  const claimOf = (pipeline: string, number: number, attempt: number) =>
    ask(`${platform.file.stateUrl}/api/claims`, { method: 'POST', json: { ...claim, pipeline, number, attempt } })

  test('opens nothing: not of a build that is over, nor of one that is not there', async () => {
    for (const [pipeline, number] of [['todo', 1] as const, ['todo', 99] as const, ['nobody', 1] as const]) {
      const answer = await storingNothing(() => claimOf(pipeline, number, 1))
      expect(answer).toMatchObject({ status: 403, json: { code: 'TICKET_UNKNOWN' } })
      expect(answer.json).not.toHaveProperty('token')
    }
  })

  test('opens nothing while the build waits for its claim', async () => {
    // It asks for more than there is, so it waits to be placed for as long as nobody kills it.
    const code = pipelineCode(["step('says', sh`true`)"], 'cpus: 500')
    const repository = await platform.repository('waits', { 'pipeline.ts': code })
    const build = await platform.buildOf(repository, repository.firstCommit)
    const placing = await platform.becomes(build, 'placing')

    expect(await claimOf('waits', build.number, 1)).toMatchObject({ status: 403, json: { code: 'TICKET_UNKNOWN' } })

    const after = await platform.state.getBuild('waits', build.number)
    expect(after.attempts[0]).toMatchObject({ claimedAt: null, taskId: null })
    expect(after.status).toBe(placing.status)
    await platform.state.kill('waits', build.number)
    await platform.isGone(await platform.becomes(build, 'killed'))
  })
})
