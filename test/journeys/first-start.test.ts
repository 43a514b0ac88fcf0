import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../platform/ask.ts'
import { statusesOf } from '../platform/builds.ts'
import { listProcessesOfPlatform } from '../platform/left-behind.ts'
import { runWell } from '../platform/run.ts'
import { startBaton } from '../platform/start-baton.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'

let platform: StartedPlatform
beforeAll(async () => {
  platform = await startPlatform({ sample: true })
})
afterAll(() => platform?.stop())

const first = { pipeline: 'todo', number: 1 }
const author = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@shop.example' }
const committer = { GIT_COMMITTER_NAME: 'Ann', GIT_COMMITTER_EMAIL: 'ann@shop.example' }

describe('a first start', () => {
  test('builds the sample green, by a version that the Builder assembled', async () => {
    const build = await platform.becomes(first, 'success')

    expect(statusesOf(build)).toEqual({
      checkout: 'success',
      verify: 'success',
      test: 'success',
      syntax: 'success',
      version: 'success',
      package: 'success',
      report: 'success',
    })
    const meta = await platform.becomes({ pipeline: '~todo', number: 1 }, 'success')
    expect(meta.commit).toBe(build.commit)
    const version = await platform.state.getVersion(build.versionKey ?? '')
    expect(version).toMatchObject({ pipeline: 'todo', status: 'ready', metaBuild: 1 })
  })

  test('leaves nothing of its builds on Marathon: the services alone run, and are healthy', async () => {
    await platform.isGone(first)
    await platform.isGone({ pipeline: '~todo', number: 1 })

    expect((await platform.listAppIds()).sort()).toEqual([
      '/baton/pipeline-builder',
      '/baton/pipeline-spawner',
      '/baton/pipeline-state-controller',
    ])
    for (const service of ['pipeline-state-controller', 'pipeline-builder', 'pipeline-spawner'] as const) {
      await platform.services.isHealthy(service)
    }
  })

  test('says where the views are, and there they are', async () => {
    const said = platform.supervisor.said()
    const address = /overview\s+(http:\S+)/.exec(said)?.[1] ?? expect.fail(`no address in ${said}`)
    const feed = /feed\s+(http:\S+)/.exec(said)?.[1] ?? expect.fail(`no feed in ${said}`)

    const page = await ask(address)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect((await ask(feed)).text).toMatch(/<Project name="todo"[^>]* lastBuildStatus="Success"/)
  })

  test('asks no question and tells no secret', () => {
    expect(platform.supervisor.said()).not.toContain(platform.adminToken)
    expect(platform.supervisor.said()).not.toContain(platform.serviceToken)
  })

  test('gives a project that tells of pushes: one more commit is one more build', async () => {
    const [{ url = '' } = {}] = await platform.state.listRepositories()
    const tree = `${platform.folders.root}/todo`
    const git = (...args: string[]) => runWell('git', args, { cwd: tree, env: { ...author, ...committer } })
    await runWell('git', ['clone', '--quiet', url, tree])
    await git('commit', '--quiet', '--allow-empty', '-m', 'one thing more')
    await git('push', '--quiet', 'origin', 'HEAD')
    const commit = await git('rev-parse', 'HEAD')

    const build = await platform.buildOf({ slug: 'todo' }, commit)
    expect(build).toMatchObject({ number: 2, subject: 'one thing more', author: 'Ann' })
    await platform.becomes(build, 'success')
    await platform.isGone(build)
  })

  test('ends on Ctrl-C without leaving a process, and the next start has everything', async () => {
    const { folders, file } = platform
    platform.supervisor.process.kill('SIGINT')
    expect(await platform.supervisor.ended()).toBe(0)
    expect(listProcessesOfPlatform({ dirs: [folders.root], installation: file.installation })).toEqual([])

    const again = await startBaton(folders.data)
    const { ports, installation } = again.platform
    expect({ ports, installation }).toEqual({ ports: file.ports, installation: file.installation })
    expect(await platform.state.getBuild('todo', 2)).toMatchObject({ status: 'success' })
    // The sample is registered once: this start builds nothing.
    expect(await platform.state.listBuilds({ pipeline: 'todo' })).toHaveLength(2)
  })
})
