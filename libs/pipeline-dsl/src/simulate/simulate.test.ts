import { describe, expect, test } from 'vitest'
import { checkout, dynamic, either, group, parallel, pipeline, sh, step } from '../library.ts'
import { simulate } from './simulate.ts'

const version = step('version', async ({ sh }) => (await sh`git describe`).text.trim())
const todo = pipeline('todo', { timeout: '1h', finally: [step('tell', sh`curl -d done`)] }, [
  checkout(),
  step('install', sh`npm ci`),
  parallel('verify', [step('test', sh`npm test`, { retry: 2, backoff: '10s' }), step('lint', sh`npm run lint`)]),
  version,
  step('image', ({ use, sh }) => sh`docker build -t todo:${use(version)} .`.then(() => undefined)),
])

describe('a simulation', () => {
  test('runs the real engine on a virtual clock: an hour in no time', async () => {
    const before = performance.now()
    const build = await simulate(todo, {
      steps: { install: { takes: '20m' }, test: { takes: '30m', text: 'ok\n' }, lint: { takes: '1m' } },
      sh: (script) => (script.startsWith('git describe') ? { text: 'v1\n' } : undefined),
    })
    expect(build.status).toBe('success')
    expect(build.durationMs).toBe(50 * 60_000)
    expect(build.ran).toEqual(['checkout', 'install', 'test', 'lint', 'version', 'image', 'tell'])
    expect(build.commands.at(-2)).toEqual({ step: 'image', script: "docker build -t todo:'v1' .", atMs: 50 * 60_000 })
    expect(build.step('lint')).toMatchObject({ status: 'success', startedMs: 20 * 60_000, endedMs: 21 * 60_000 })
    expect(build.step('test').output).toBe('ok\n')
    expect(performance.now() - before).toBeLessThan(10_000)
  })

  test('a failure skips what comes after it, and finally runs', async () => {
    const build = await simulate(todo, { steps: { install: { code: 2 } } })
    expect(build).toMatchObject({
      status: 'failure',
      reason: { code: 'failure.code', args: { step: 'install', code: 2 } },
    })
    expect(build.ran).toEqual(['checkout', 'install', 'tell'])
    expect(build.step('verify')).toMatchObject({ status: 'skipped', tries: 0, startedMs: undefined })
  })

  test('tries again as the pipeline says, after growing pauses', async () => {
    const build = await simulate(todo, { steps: { test: [{ code: 1 }, { code: 1 }, {}] } })
    expect(build.step('test')).toMatchObject({ status: 'success', tries: 3, endedMs: 30_000 })
    const broken = await simulate(todo, { steps: { test: { code: 1 } } })
    expect(broken.step('test')).toMatchObject({ status: 'failure', tries: 3 })
  })

  test('a time limit rings on the virtual clock, of a build as of a step', async () => {
    const late = await simulate(todo, { steps: { install: { takes: '2h' } } })
    expect(late).toMatchObject({ status: 'timed-out', reason: { code: 'timed-out.build' } })
    expect(late.step('install')).toMatchObject({ status: 'timed-out', endedMs: 3_600_000 })
    const slow = pipeline('slow', [step('a', sh`x`, { timeout: '5s' })])
    expect((await simulate(slow, { steps: { a: { takes: '6s' } } })).step('a').status).toBe('timed-out')
    const command = pipeline('slow', [step('a', sh({ timeout: '5s' })`x`)])
    const build = await simulate(command, { sh: () => ({ takes: '6s' }) })
    expect(build.reason).toMatchObject({ args: { name: 'SH_TIMED_OUT' } })
  })

  test('a function that is named returns or throws what the test says; one that is not runs', async () => {
    const build = await simulate(todo, { steps: { version: { returns: 'v7' } } })
    expect(build.commands.map(({ script }) => script)).toContain("docker build -t todo:'v7' .")
    const thrown = await simulate(todo, { steps: { version: { throws: 'no tag' } } })
    expect(thrown.reason).toMatchObject({ code: 'failure.threw', args: { step: 'version', message: 'no tag' } })
  })

  test('a kill reaches what runs, and finally runs', async () => {
    const build = await simulate(todo, { steps: { install: { takes: '20m' } }, killAfter: '1m' })
    expect(build.status).toBe('killed')
    expect(build.step('install')).toMatchObject({ status: 'killed', endedMs: 60_000 })
    expect(build.ran.at(-1)).toBe('tell')
  })

  test('the first of either that is a success ends the others', async () => {
    const race = pipeline('race', [either('mirror', [step('near', sh`a`), step('far', sh`b`)])])
    const build = await simulate(race, { steps: { near: { takes: '1m', code: 1 }, far: { takes: '2m' } } })
    expect([build.status, build.step('near').status, build.step('far').status]).toEqual([
      'success',
      'failure',
      'success',
    ])
  })

  test('waits for what a function really does', async () => {
    const read = step('read', async () => (await import('node:fs/promises')).readFile('/proc/self/comm', 'utf8'), {
      timeout: '1s',
    })
    const build = await simulate(pipeline('real', [read, step('next', sh`true`)]))
    expect(build).toMatchObject({ status: 'success', durationMs: 0 })
    expect(build.step('read').result).toMatch(/\w/)
  })

  test('names with two meanings want their groups; names without any are an error', async () => {
    const both = pipeline('both', [group('a', [step('test', sh`1`)]), group('b', [step('test', sh`2`)])])
    const build = await simulate(both, { steps: { 'b/test': { code: 3 } } })
    expect(build.ran).toEqual(['a/test', 'b/test'])
    expect(build.step('a/test').status).toBe('success')
    expect(() => build.step('test')).toThrow('a/test, b/test')
    await expect(simulate(both, { steps: { tset: {} } })).rejects.toMatchObject({ code: 'STEP_UNKNOWN' })
  })

  test('steps that are decided on the way are named like any other', async () => {
    const list = step('list', async ({ sh }) => (await sh`ls`).text.trim().split('\n'))
    const each = dynamic('each', ({ use }) => use(list).map((name) => step(name, sh`make ${name}`)))
    const build = await simulate(pipeline('some', [list, each]), {
      steps: { 'each/b': { code: 1 } },
      sh: (script) => (script === 'ls' ? { text: 'a\nb\nc\n' } : undefined),
    })
    expect(build.ran).toEqual(['list', 'a', 'b'])
    expect([build.status, build.step('c').status]).toEqual(['failure', 'skipped'])
  })

  test('a thousand steps take no processes', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => step(`s${at}`, sh`true`))
    const build = await simulate(pipeline('many', many))
    expect([build.status, build.ran.length]).toEqual(['success', 1000])
  })
})
