import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GitServer, startGitServer } from '../platform/git-server.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import { listProcessesOfApp } from '../platform/processes.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'

let platform: StartedPlatform
let server: GitServer
beforeAll(async () => {
  platform = await startPlatform()
  server = await startGitServer(platform.folders.repositories)
})
afterAll(async () => {
  await server?.close()
  await platform?.stop()
})

const shows = pipelineCode([
  'checkout()',
  "step('environment', sh`echo $BATON_COMMIT $BATON_REF $BATON_PIPELINE $BATON_BUILD $BATON_ATTEMPT $CI`)",
  "step('workspace', sh`git rev-parse HEAD && cat app.txt`)",
])

describe.each([
  ['file', () => undefined],
  ['http', () => server.url],
])('a push to a repository over %s', (name, baseUrl) => {
  test('is built at its hash, and its app is gone afterwards', async () => {
    const git = await platform.git(name, { 'pipeline.ts': shows, 'app.txt': 'one' }, baseUrl())
    expect(git.url).toMatch(name === 'http' ? /^http:\/\/127\.0\.0\.1:/ : /^file:\/\//)
    const repository = await platform.register(git)
    await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'success')

    const commit = await repository.push({ 'app.txt': 'two' }, { message: 'the second one' })

    const build = await platform.becomes(await platform.buildOf(repository, commit), 'success')
    expect(build).toMatchObject({ number: 2, commit, ref: 'refs/heads/main', subject: 'the second one', author: 'Ann' })
    expect(await platform.outputOf(build, 'environment')).toBe(`${commit} refs/heads/main ${name} 2 1 true\n`)
    expect(await platform.outputOf(build, 'workspace')).toBe(`${commit}\ntwo`)
    const entry = await platform.entryOf(repository, commit)
    expect(entry).toMatchObject({ source: 'hook', before: repository.firstCommit, state: 'resolved' })
    expect(entry.fates).toMatchObject([{ pipeline: name, fate: 'built', build: 2 }])
    const { attempts } = await platform.isGone(build)
    expect(attempts).toHaveLength(1)
    expect(listProcessesOfApp(attempts[0]?.appId ?? '')).toEqual([])
  })
})

test('pushes that nobody tells of are found by asking: an unsigned hook is enough to ask at once', async () => {
  const repository = await platform.repository('quiet', { 'pipeline.ts': shows, 'app.txt': 'one' })
  await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'success')
  const commit = await repository.pushQuietly({ 'app.txt': 'two' })
  const [moved = expect.fail('nothing moved')] = repository.git.takeMoves()

  // What it says is not believed: it names a commit that does not exist, and the one that does is built.
  const answer = await repository.hook({ ...moved, after: 'ab'.repeat(20) }, {})

  expect(answer).toMatchObject({ status: 202, json: { look: true } })
  await platform.becomes(await platform.buildOf(repository, commit), 'success')
  expect(await platform.entryOf(repository, commit)).toMatchObject({ source: 'sweep' })
  expect((await platform.state.listEntries({ repository: 'quiet' })).map((entry) => entry.commit)).toEqual([
    commit,
    repository.firstCommit,
  ])
})

test('a branch beside the default one is built too, and says so', async () => {
  const repository = await platform.repository('branches', { 'pipeline.ts': shows, 'app.txt': 'one' })

  const commit = await repository.push({ 'app.txt': 'idea' }, { branch: 'ideas/first' })

  const build = await platform.becomes(await platform.buildOf(repository, commit), 'success')
  expect(await platform.outputOf(build, 'environment')).toContain(`${commit} refs/heads/ideas/first branches`)
})
