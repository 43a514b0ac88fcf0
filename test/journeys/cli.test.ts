import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BatonEnded } from '../platform/baton.ts'
import { runBaton } from '../platform/baton.ts'
import { listProcessesOfPlatform } from '../platform/left-behind.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import { startBaton } from '../platform/start-baton.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'

let platform: StartedPlatform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform?.stop())

const baton = (...args: string[]): Promise<BatonEnded> => platform.baton(args)
/** The code and the exit code with --json, where an error is one line of JSON on stderr. */
const errorOf = ({ err }: BatonEnded) => JSON.parse(err.trim().split('\n').at(-1) ?? '') as Record<string, unknown>

describe('a repository in the hand', () => {
  test('is added, listed, built, and removed', async () => {
    const code = pipelineCode(["step('says', sh`echo hello`)"])
    const git = await platform.git('hand', { 'pipeline.ts': code })

    const added = await baton('repo', 'add', git.url)
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining('hand is registered') })
    expect(added.out).toMatch(/generic\s+http:\/\/127\.0\.0\.1:\d+\/hooks\/generic\?repository=hand/)
    expect(added.out).toMatch(/secret\s+\S{16,}/)
    const shown = await baton('repo', 'hooks', 'hand')
    expect({ code: shown.code, lines: added.out }).toEqual({ code: 0, lines: expect.stringContaining(shown.out) })
    const renewed = await baton('repo', 'hooks', 'hand', '--renew-secret')
    expect(renewed.out.replace(/secret .*/, '')).toBe(shown.out.replace(/secret .*/, ''))
    expect(renewed.out).not.toBe(shown.out)
    expect((await baton('repo', 'hooks', 'hand')).out).toBe(renewed.out)
    expect((await baton('repo', 'list')).out).toContain(`hand  ${git.url}`)
    expect((await baton('--json', 'repo', 'list')).json).toMatchObject([{ slug: 'hand', url: git.url }])

    const build = await platform.buildOf({ slug: 'hand' }, await git.git('rev-parse', 'HEAD'))
    await platform.becomes(build, 'success')
    expect(await baton('repo', 'remove', 'hand')).toMatchObject({ code: 0 })
    expect((await baton('--json', 'repo', 'list')).json).toEqual([])
    expect((await baton('builds', 'hand')).out).toContain('hand#1')
    expect(await baton('repo', 'remove', 'hand')).toMatchObject({ code: 3 })
  })

  test('that cannot be had is refused with a sentence, a code and a hint, and an exit code that says who acts', async () => {
    const option = await baton('repo', 'add', '--', '--upload-pack=touch')
    expect(option).toMatchObject({ code: 2, out: '' })
    expect(option.err).toMatch(/looks like an option \(URL_INVALID\)\nhint: /)
    const away = await baton('--json', 'repo', 'add', 'file:///nowhere/todo.git')
    expect(away).toMatchObject({ code: 5, out: '' })
    expect(errorOf(away)).toMatchObject({ code: 'REMOTE_UNREACHABLE', exitCode: 5, hint: expect.any(String) })
    const git = await platform.git('empty', { 'README.md': 'nothing' })
    const without = await baton('--json', 'repo', 'add', git.url)
    expect(without.code).toBe(2)
    expect(errorOf(without)).toMatchObject({ code: 'PIPELINE_MISSING' })
    const twice = await platform.git('twice', { 'pipeline.ts': pipelineCode(["step('a', sh`true`)"]) })
    expect((await baton('repo', 'add', twice.url)).code).toBe(0)
    const again = await baton('--json', 'repo', 'add', twice.url)
    expect(again.code).toBe(4)
    expect(errorOf(again)).toMatchObject({ code: 'REPOSITORY_EXISTS' })
  })
})

describe('builds in the hand', () => {
  test('are listed, shown and read; a red one ends with 1', async () => {
    const code = pipelineCode(["step('says', sh`echo hello; echo world`)", "step('breaks', sh`exit 7`)"])
    const repository = await platform.repository('shown', { 'pipeline.ts': code })
    await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'failure')

    const listed = await baton('--json', 'builds', 'shown')
    expect(listed.json).toMatchObject([
      { pipeline: 'shown', number: 1, status: 'failure', commit: repository.firstCommit },
    ])
    expect((await baton('builds', '--status', 'failure')).out).toContain('shown#1')
    expect((await baton('builds', 'shown', '--status', 'success')).out).toBe('no builds\n')
    const shown = await baton('build', 'shown#1')
    expect(shown.code).toBe(1)
    expect(shown.out).toMatch(/✗ {2}shown#1 {2}failure/)
    expect(shown.out).toMatch(/✗ 2 breaks {2}failure .*ended with code 7/)
    expect((await baton('--json', 'build', 'shown#1')).json).toMatchObject({
      steps: [{ name: 'says' }, { name: 'breaks' }],
    })
    expect(await baton('log', 'shown#1', 'says')).toMatchObject({ code: 0, out: 'hello\nworld\n' })
    expect(await baton('log', 'shown#1', '--follow')).toMatchObject({ code: 1, out: '── 1 says\nhello\nworld\n' })
  })

  test('that are not there are an error with a code', async () => {
    const none = await baton('--json', 'build', 'nobody#1')
    expect(none.code).toBe(3)
    expect(errorOf(none)).toMatchObject({ code: 'BUILD_UNKNOWN' })
    const wrong = await baton('--json', 'build', 'no build')
    expect(wrong.code).toBe(2)
    expect(errorOf(wrong)).toMatchObject({ code: 'BUILD_ID_INVALID' })
    const step = await baton('--json', 'log', 'shown#1', 'nowhere')
    expect(step.code).toBe(3)
    expect(errorOf(step)).toMatchObject({ code: 'STEP_UNKNOWN', hint: expect.stringContaining('2 breaks') })
    expect((await baton('bilds')).code).toBe(2)
    expect((await baton('builds', '--limit', '0')).code).toBe(2)
  })

  test('are followed while they run, killed, and built again', async () => {
    const go = join(platform.folders.shared, 'go')
    const waits = `step('waits', sh\`echo waiting; while [ ! -e ${go} ]; do sleep 0.1; done; echo went\`)`
    const repository = await platform.repository('live', { 'pipeline.ts': pipelineCode([waits]) })
    const found = await platform.buildOf(repository, repository.firstCommit)
    await platform.stepBecomes(found, 'waits', 'running')

    const killed = await baton('--json', 'kill', 'live#1', '--comment', 'made by mistake')
    expect(killed).toMatchObject({ code: 0, json: { pipeline: 'live', number: 1, killWanted: true } })
    const build = await platform.becomes(found, 'killed')
    expect(build.reason).toMatchObject({ args: { comment: 'made by mistake' } })
    expect((await baton('kill', 'live#1')).code).toBe(4)

    const again = await baton('--json', 'retrigger', 'live#1')
    expect(again).toMatchObject({ code: 0, json: { pipeline: 'live', number: 2, commit: repository.firstCommit } })
    const following = baton('log', 'live#2', 'waits', '--follow')
    await platform.stepBecomes({ pipeline: 'live', number: 2 }, 'waits', 'running')
    writeFileSync(go, '')
    expect(await following).toMatchObject({ code: 0, out: 'waiting\nwent\n' })
    await platform.becomes({ pipeline: 'live', number: 2 }, 'success')

    const waited = await baton('retrigger', 'live#2', '--wait')
    expect(waited).toMatchObject({ code: 0, out: expect.stringContaining('✓  live#3  success') })
    const started = await baton('--json', 'start', 'live', '--wait')
    expect(started).toMatchObject({ code: 0, json: { number: 4, status: 'success', cause: { code: 'ran.person' } } })
    const unknown = await baton('--json', 'start', 'live', '--commit', 'ab'.repeat(20))
    expect(unknown.code).toBe(3)
    expect(errorOf(unknown)).toMatchObject({ code: 'COMMIT_UNKNOWN' })
  })
})

describe('the whole platform in the hand', () => {
  test('shows its status', async () => {
    const status = await baton('status')
    expect(status.code).toBe(0)
    expect(status.out).toContain('✓ /baton/pipeline-state-controller  1 of 1 healthy')
    expect((await baton('--json', 'status')).json).toMatchObject({
      services: [
        { id: '/baton/pipeline-state-controller', instances: 1, healthy: 1 },
        { id: '/baton/pipeline-builder', instances: 1, healthy: 1 },
        { id: '/baton/pipeline-spawner', instances: 1, healthy: 1 },
      ],
    })
  })

  test('is joined by a second "up", which changes nothing', async () => {
    const before = await platform.services.find('pipeline-state-controller')

    const second = await baton('up', '--detach')

    expect(second).toMatchObject({ code: 0, out: expect.stringContaining(platform.file.stateUrl) })
    expect((await platform.services.find('pipeline-state-controller')).version).toBe(before.version)
  })

  test('is taken down, running builds included, and nothing of it is left', async () => {
    const repository = await platform.repository('cut', {
      'pipeline.ts': pipelineCode(["step('long', sh`sleep 600`)"]),
    })
    const build = await platform.buildOf(repository, repository.firstCommit)
    await platform.stepBecomes(build, 'long', 'running')

    const down = await baton('--json', 'down')

    expect(down).toMatchObject({ code: 0, json: { down: true, purged: false } })
    const { folders, file } = platform
    expect(listProcessesOfPlatform({ dirs: [folders.root], installation: file.installation })).toEqual([])
    expect(existsSync(join(folders.data, 'platform.json'))).toBe(true)
    const status = await baton('--json', 'status')
    expect(status.code).toBe(5)
    expect(errorOf(status)).toMatchObject({ code: 'PLATFORM_STOPPED' })
    expect((await baton('builds')).code).toBe(5)
    // The next start knows how it ended, as it said so itself.
    await startBaton(folders.data, { args: ['--no-sample'] })
    expect(await platform.becomes(build, 'killed')).toMatchObject({ reason: { code: 'killed.stop' } })
  })

  test('that is not there is said so', async () => {
    const none = await runBaton(['--json', 'builds', '--data', join(platform.folders.root, 'nothing')])
    expect(none.code).toBe(5)
    expect(errorOf(none)).toMatchObject({ code: 'PLATFORM_MISSING', hint: expect.any(String) })
  })
})

describe('baton run', () => {
  test('runs a pipeline on the files as they are, with the exit code of its result', async () => {
    const git = await platform.git('laptop', {
      'pipeline.ts': pipelineCode(["step('reads', sh`cat app.txt`)"]),
      'app.txt': 'committed',
    })
    const tree = git.path.replace(/\.git$/, '.tree')
    writeFileSync(join(tree, 'app.txt'), 'not committed yet')
    const temp = join(platform.folders.root, 'temp')
    mkdirSync(temp)
    const here = { cwd: tree, env: { TMPDIR: temp } }
    const green = await runBaton(['run'], here)
    expect(green).toMatchObject({ code: 0, out: expect.stringContaining('not committed yet') })

    const checked = await runBaton(['check'], here)
    expect(checked.out).toMatch(/^tested: 0\.1 cpus, 64 MB, at most 1h\n└─ reads\n$/)
    expect(checked.code).toBe(0)
    writeFileSync(join(tree, 'red.ts'), pipelineCode(["step('breaks', sh`exit 3`)"]))
    expect((await runBaton(['run', 'red.ts'], here)).code).toBe(1)
    expect((await runBaton(['run', 'none.ts'], here)).code).toBe(3)
    expect(readdirSync(temp)).toEqual([])

    writeFileSync(
      join(tree, 'red.ts'),
      `${pipelineCode(["step('a', sh`true`)"])}export const wrong: number = 'a text'\n`,
    )
    expect(await runBaton(['check', 'red.ts'], here)).toMatchObject({ code: 2, out: '' })
    const wrong = await runBaton(['run', 'red.ts'], here)
    expect(wrong.code).toBe(2)
    expect(wrong.err).toMatch(
      /^the pipeline does not type-check:\nred\.ts\(\d+,14\): error TS2322: .*\(TYPE_CHECK_FAILED\)\nhint: /,
    )
    expect((await runBaton(['run', 'red.ts', '--no-check'], here)).code).toBe(0)
  })
})
