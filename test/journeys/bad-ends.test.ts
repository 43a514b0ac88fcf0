import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sentenceOf } from '@baton/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { statusesOf, stepOf } from '../platform/builds.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import { isAlive } from '../platform/processes.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'

let platform: StartedPlatform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform?.stop())

const linesCount = 20_000

test('a red step: what follows is skipped, finally runs, the output is whole', async () => {
  const repository = await platform.repository('red', {
    'pipeline.ts': pipelineCode(
      [
        'checkout()',
        `step('breaks', sh\`i=0; while [ $i -lt ${linesCount} ]; do echo "line $i"; i=$((i+1)); done; echo broken >&2; exit 3\`)`,
        "step('later', sh`touch $SHARED/later`)",
        "parallel('last', [step('one', sh`true`), step('two', sh`true`)])",
      ],
      `env: { SHARED: '${platform.folders.shared}' }, finally: [step('report', sh\`echo reported\`), step('tidy', sh\`touch $SHARED/tidied\`)]`,
    ),
  })

  const build = await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'failure')

  expect(statusesOf(build)).toEqual({
    checkout: 'success',
    breaks: 'failure',
    later: 'skipped',
    last: 'skipped',
    one: 'skipped',
    two: 'skipped',
    report: 'success',
    tidy: 'success',
  })
  expect(stepOf(build, 'breaks').reason).toMatchObject({ code: 'failure.code', args: { code: 3 } })
  expect(sentenceOf((stepOf(build, 'later').reason ?? expect.fail('no reason')) as never)).toContain('breaks')
  expect(build.reason).not.toBeNull()
  const lines = Array.from({ length: linesCount }, (_, at) => `line ${at}\n`).join('')
  expect(await platform.outputOf(build, 'breaks')).toBe(`${lines}broken\n`)
  expect(await platform.outputOf(build, 'report')).toBe('reported\n')
  expect(existsSync(join(platform.folders.shared, 'later'))).toBe(false)
  expect(existsSync(join(platform.folders.shared, 'tidied'))).toBe(true)
  await platform.isGone(build)
})

const kinds = ['shell', 'child', 'detached', 'orphan', 'stubborn'] as const

/**
 * A step that starts a child, one in a session of its own, one whose parent is dead, and one that does not hear SIGTERM,
 * writes their numbers, and hangs.
 */
const hangs = (name: string, options = '') => {
  const file = (kind: string) => `${join(platform.folders.shared, name)}.${kind}`
  const commands = [
    `echo $$ > ${file('shell')}`,
    `sleep 600 & echo $! > ${file('child')}`,
    `setsid sh -c 'echo $$ > ${file('detached')}; exec sleep 600' &`,
    `(setsid sh -c 'echo $$ > ${file('orphan')}; exec sleep 600' &)`,
    `setsid sh -c 'trap "" TERM; echo $$ > ${file('stubborn')}; while :; do sleep 1; done' &`,
    'echo hangs now',
    'sleep 600',
  ]
  return `step('hangs', sh\`${commands.join('\n')}\`${options})`
}

/** The process numbers of such a step, once it wrote them all. */
function pidsOf(name: string): Promise<number[]> {
  return waitFor(`all processes of ${name}`, 60_000, () => {
    const files = kinds.map((kind) => join(platform.folders.shared, `${name}.${kind}`))
    const pids = files.filter((file) => existsSync(file)).map((file) => Number(readFileSync(file, 'utf8')))
    return pids.length === kinds.length && pids.every((pid) => pid > 0) ? pids : notYet(`${pids.length} of them`)
  })
}

const reports = "finally: [step('report', sh`echo reported`)]"

describe('a step that hangs', () => {
  test('is timed out, and all its children are dead, detached ones too', async () => {
    const repository = await platform.repository('hanging', {
      'pipeline.ts': pipelineCode([hangs('hanging', ", { timeout: '3s' }"), "step('later', sh`true`)"], reports),
    })
    const found = await platform.buildOf(repository, repository.firstCommit)
    const pids = await pidsOf('hanging')
    expect(pids.filter(isAlive)).toHaveLength(kinds.length)

    const build = await platform.becomes(found, 'timed-out')

    expect(statusesOf(build)).toEqual({ hangs: 'timed-out', later: 'skipped', report: 'success' })
    expect(stepOf(build, 'hangs').reason).toMatchObject({ code: 'timed-out.step', args: { seconds: 3 } })
    expect(await platform.outputOf(build, 'hangs')).toContain('hangs now\n')
    expect(pids.filter(isAlive)).toEqual([])
    await platform.isGone(build)
  })

  test('of a whole build that takes too long too: finally still runs', async () => {
    const code = pipelineCode(
      ["step('slow', sh`sleep 600`)"],
      "timeout: '2s', finally: [step('report', sh`echo reported`)]",
    )
    const repository = await platform.repository('slow', { 'pipeline.ts': code })

    const build = await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'timed-out')

    expect(statusesOf(build)).toEqual({ slow: 'timed-out', report: 'success' })
    expect(build.reason).toMatchObject({ code: 'timed-out.build' })
  })
})

describe('a build that is cancelled', () => {
  test('while a step runs: the step is killed with its children, finally runs', async () => {
    const repository = await platform.repository('cancelled', {
      'pipeline.ts': pipelineCode([hangs('cancelled'), "step('later', sh`true`)"], reports),
    })
    const found = await platform.buildOf(repository, repository.firstCommit)
    const pids = await pidsOf('cancelled')

    await platform.state.kill(found.pipeline, found.number, 'no longer wanted')
    const build = await platform.becomes(found, 'killed', 30_000)

    expect(statusesOf(build)).toEqual({ hangs: 'killed', later: 'skipped', report: 'success' })
    expect(build.reason).toMatchObject({ code: 'killed.person', args: { comment: 'no longer wanted' } })
    expect(await platform.outputOf(build, 'report')).toBe('reported\n')
    expect(pids.filter(isAlive)).toEqual([])
    await platform.isGone(build)
  })

  test('before it is placed: it never starts', async () => {
    const code = pipelineCode(
      ["step('marks', sh`touch $SHARED/marked`)"],
      `cpus: 500, env: { SHARED: '${platform.folders.shared}' }`,
    )
    const repository = await platform.repository('early', { 'pipeline.ts': code })
    const found = await platform.buildOf(repository, repository.firstCommit)
    await platform.becomes(found, 'placing')

    await platform.state.kill(found.pipeline, found.number)

    const build = await platform.becomes(found, 'killed')
    expect(build.attempts.every(({ claimedAt }) => claimedAt === null)).toBe(true)
    expect(existsSync(join(platform.folders.shared, 'marked'))).toBe(false)
    await platform.isGone(build)
  })

  test('that is over already cannot be cancelled', async () => {
    await expect(platform.state.kill('red', 1)).rejects.toMatchObject({ code: 'BUILD_OVER' })
    await expect(platform.state.kill('red', 99)).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })
    expect(await platform.state.getBuild('red', 1)).toMatchObject({ status: 'failure', killWanted: false })
  })
})
