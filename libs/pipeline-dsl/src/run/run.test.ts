import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reason } from '@baton/model'
import { afterEach, expect, test } from 'vitest'
import { sh } from '../sh/sh.ts'
import { removeFolders, run, start, until } from '../testing/run-here.ts'
import { checkout, dynamic, either, group, inDir, parallel, pipeline, step, withWorkspace } from '../tree/build-tree.ts'
import type { Node } from '../tree/node.ts'

afterEach(removeFolders)

test('steps run in order, and values go from one to the next', async () => {
  const version = step('version', async ({ sh }) => (await sh`echo v1`).text.trim())
  const done = await run(
    pipeline('todo', [checkout(), version, step('use', ({ use, sh }) => sh`echo ${`<${use(version)}>`}`)]),
  )
  expect(done.result).toEqual({ status: 'success', reason: undefined })
  expect(done.moves).toEqual(['checkout', 'version', 'use'].flatMap((name) => [`${name}:running`, `${name}:success`]))
  expect(done.ends.get('version')?.result).toBe('v1')
  expect(done.text('use')).toBe('<v1>\n')
  expect(done.ends.get('use')?.result).toEqual({ code: 0, text: '<v1>\n' })
})

test('the first failure ends the sequence, finally runs, and the reason names step and code', async () => {
  const last = [step('one', sh`false`), step('two', sh`echo two`)]
  const done = await run(pipeline('todo', { finally: last }, [step('a', sh`echo before; exit 7`), step('b', sh`true`)]))
  const why = { code: 'failure.code', args: { step: 'a', code: 7 } }
  expect(done.result).toEqual({ status: 'failure', reason: why })
  expect(done.ends.get('b')).toMatchObject({ status: 'skipped', reason: { code: 'skipped.step', args: { step: 'a' } } })
  expect(done.text('a')).toBe('before\n')
  expect(done.text('two')).toBe('two\n')
  expect(done.steps.map(({ id, kind }) => `${id} ${kind}`)).toEqual(['1 step', '2 step', '3 finally', '4 finally'])
})

test('a finally that fails makes a green build red', async () => {
  const done = await run(pipeline('todo', { finally: [step('last', sh`exit 2`)] }, [step('a', sh`true`)]))
  expect(done.result).toMatchObject({ status: 'failure', reason: { args: { step: 'last', code: 2 } } })
})

test('a script ends at the first line that fails', async () => {
  const done = await run(
    pipeline('todo', [
      step(
        'a',
        sh`echo one
    false
    echo two`,
      ),
    ]),
  )
  expect(done.text('a')).toBe('one\n')
  expect(done.result.status).toBe('failure')
})

test('what a step throws is its failure, with message and stack in its output, after what was there', async () => {
  const body = async ({ sh }: { sh: (s: TemplateStringsArray) => Promise<unknown> }) => {
    await sh`echo before`
    throw new RangeError('too far')
  }
  const done = await run(pipeline('todo', [step('a', body)]))
  expect(done.result.reason).toEqual({
    code: 'failure.threw',
    args: { step: 'a', name: 'RangeError', message: 'too far' },
  })
  expect(done.text('a')).toMatch(/^before\nRangeError: too far\n\s+at /)
})

test('a command inside of a function fails with its code, unless that is allowed or caught', async () => {
  const allowed = step('allowed', async ({ sh }) => (await sh({ allow: [0, 3] })`exit 3`).code)
  const caught = step('caught', async ({ sh }) => sh`exit 4`.catch((error) => error.code))
  const done = await run(pipeline('todo', [allowed, caught, step('not', async ({ sh }) => void (await sh`exit 5`))]))
  expect(done.ends.get('allowed')?.result).toBe(3)
  expect(done.ends.get('caught')?.result).toBe('SH_FAILED')
  expect(done.result.reason).toEqual({ code: 'failure.code', args: { step: 'not', code: 5 } })
})

test('a command ended by a signal says so', async () => {
  const done = await run(pipeline('todo', [step('a', sh`kill -9 $$`)]))
  expect(done.result.reason).toEqual({ code: 'failure.signal', args: { step: 'a', signal: 'SIGKILL' } })
})

test('parallel waits for all, and its status is the worst', async () => {
  const both = [step('bad', sh`exit 1`), step('slow', sh`sleep 0.2; echo slow`)]
  const done = await run(pipeline('todo', [parallel('both', both), step('after', sh`true`)]))
  expect(done.ends.get('slow')?.status).toBe('success')
  expect(done.ends.get('both')).toMatchObject({ status: 'failure', reason: { args: { step: 'bad' } } })
  expect(done.ends.get('after')?.status).toBe('skipped')
})

test('parallel steps run side by side', async () => {
  const waitsFor = (own: string, other: string) =>
    step(own, sh`touch ${own}; until [ -e ${other} ]; do sleep 0.01; done`)
  const done = await run(
    pipeline('todo', { timeout: '20s' }, [parallel('both', [waitsFor('a', 'b'), waitsFor('b', 'a')])]),
  )
  expect(done.result.status).toBe('success')
})

test('either is done with the first success; the others are killed and say by whom', async () => {
  const race = either('race', [step('slow', sh`sleep 300`), step('fails', sh`false`), step('quick', sh`sleep 0.1`)])
  const done = await run(pipeline('todo', [race]))
  expect(done.result.status).toBe('success')
  expect(done.ends.get('slow')).toMatchObject({
    status: 'killed',
    reason: { code: 'killed.sibling', args: { step: 'quick' } },
  })
  expect(done.ends.get('fails')?.status).toBe('failure')
})

test('either fails when none succeeds', async () => {
  const done = await run(pipeline('todo', [either('race', [step('a', sh`exit 1`), step('b', sh`exit 2`)])]))
  expect(done.result).toMatchObject({ status: 'failure', reason: { args: { step: 'a' } } })
})

test('a group has its own finally, and its steps their own ids', async () => {
  const deploy = group('deploy', [step('up', sh`false`), step('check', sh`true`)], {
    finally: [step('down', sh`echo down`)],
  })
  const done = await run(pipeline('todo', [step('first', sh`true`), deploy, step('never', sh`true`)]))
  expect(done.steps.map(({ id, name }) => `${id} ${name}`)).toEqual([
    '1 first',
    '2 deploy',
    '2.1 up',
    '2.2 check',
    '2.3 down',
    '3 never',
  ])
  expect(done.text('down')).toBe('down\n')
  expect(done.ends.get('never')?.status).toBe('skipped')
})

test('a group that is not reached does not run its finally', async () => {
  const deploy = group('deploy', [step('up', sh`true`)], { finally: [step('down', sh`echo down`)] })
  const done = await run(pipeline('todo', [step('first', sh`false`), deploy]))
  expect(done.ends.get('down')?.status).toBe('skipped')
})

test('when decides; a skipped step stops nothing, and one that throws is a failure', async () => {
  const flag = step('flag', () => false)
  const skipped = step('skipped', sh`echo no`, { when: ({ use }) => use(flag) })
  const wrong = step('wrong', sh`true`, { when: ({ use }) => use(skipped) === undefined })
  const done = await run(pipeline('todo', [flag, skipped, step('next', sh`true`), wrong]))
  expect(done.ends.get('skipped')?.status).toBe('skipped')
  expect(done.ends.get('next')?.status).toBe('success')
  expect(done.ends.get('wrong')).toMatchObject({ status: 'failure', reason: { args: { name: 'USE_TOO_EARLY' } } })
})

test('a failed step is tried again, as often as it says', async () => {
  const flaky = step('flaky', sh`echo x >> tries; test $(wc -l < tries) = 3`, { retry: 2 })
  const broken = step('broken', sh`echo y; false`, { retry: 1 })
  const done = await run(pipeline('todo', [flaky, broken]))
  expect(done.ends.get('flaky')?.status).toBe('success')
  expect(done.text('broken')).toBe('y\n--- that failed; try 2 of 2 ---\ny\n')
  expect(done.moves.filter((move) => move.startsWith('broken'))).toEqual(['broken:running', 'broken:failure'])
})

test('a command is tried again as often as it says, and a mistake is not', async () => {
  const flaky = step('flaky', async ({ sh }) => {
    const { text } = await sh({ retry: 2, backoff: '5ms' })`echo x >> tries; test $(wc -l < tries) = 3; echo done`
    return text
  })
  const whole = step('whole', sh({ retry: 1 })`echo y; false`)
  const wrong = step('wrong', async ({ sh, secrets }) => void (await sh({ retry: 2 })`echo ${secrets['NONE'] ?? ''}`))
  const done = await run(pipeline('todo', [parallel('all', [flaky, whole, wrong])]))
  expect(done.ends.get('flaky')).toMatchObject({ status: 'success', result: 'done\n' })
  expect(done.text('flaky')).toContain('--- that failed; try 3 of 3 in 0.01 s ---')
  expect(done.text('whole')).toBe('y\n--- that failed; try 2 of 2 ---\ny\n')
  expect(done.text('wrong')).not.toContain('try')
})

test('a step that waits for its next try can be ended', async () => {
  const waits = step('waits', sh`false`, { retry: 5, backoff: '1h' })
  const started = start(pipeline('todo', [waits]))
  await until('the first try to fail', () => started.text('waits').includes('try 2 of 6 in 300 s'))
  started.stop({ status: 'killed', reason: reason('killed.person', { who: 'a test', comment: 'x' }) })
  await started.done
  expect(started.ends.get('waits')?.status).toBe('killed')
})

test('environment comes from run, pipeline, group, step and command, the nearest wins; nothing else is inherited', async () => {
  const show = sh({ env: { D: '4' } })`echo "$A$B$C$D$E[$HOME]"`
  const inner = group('inner', [step('show', show, { env: { C: '3', D: 'x' } })], { env: { B: '2', C: 'x' } })
  const done = await run(pipeline('todo', { env: { A: '1', B: 'x' } }, [inner]), {
    env: { PATH: process.env['PATH'] ?? '', A: 'x', E: '5' },
  })
  expect(done.text('show')).toBe('12345[]\n')
})

test('groups have folders, and workspaces of their own that are gone afterwards', async () => {
  const where = (name: string, cwd = '.') =>
    step(name, async ({ sh, cwd }) => [(await sh`pwd`).text.trim(), cwd], { cwd })
  const made = pipeline('todo', [
    step('make', sh`mkdir -p web/a/b; touch here`),
    inDir('web', [where('top'), group('in a', [where('deep', 'b')], { cwd: 'a' })]),
    withWorkspace(
      'apart',
      [where('own'), step('empty', sh`test -z "$(ls -A)"; mkdir x`), inDir('x', [where('inside')])],
      {
        finally: [where('last')],
      },
    ),
  ])
  const done = await run(made)
  expect(done.result).toEqual({ status: 'success', reason: undefined })
  const folderOf = (name: string): string => (done.ends.get(name)?.result as string[] | undefined)?.[0] ?? ''
  expect([folderOf('top'), folderOf('deep')]).toEqual([join(done.cwd, 'web'), join(done.cwd, 'web/a/b')])
  expect(done.ends.get('top')?.result).toEqual([folderOf('top'), folderOf('top')])
  expect(folderOf('own')).not.toContain(done.cwd)
  expect([folderOf('inside'), folderOf('last')]).toEqual([join(folderOf('own'), 'x'), folderOf('own')])
  expect(existsSync(folderOf('own'))).toBe(false)
})

test('steps are decided at run time, and become a part of the tree', async () => {
  const changed = step('changed', () => ['web', 'api'])
  const packages = dynamic('packages', ({ use }) => [
    parallel(
      'all',
      use(changed).map((name) => step(name, sh`echo ${name}`)),
    ),
    step('after', sh`echo after`),
  ])
  const none = dynamic('none', async () => [])
  const done = await run(pipeline('todo', [changed, packages, none, step('last', sh`true`)]))
  expect(done.result.status).toBe('success')
  expect(done.moves.filter((move) => move.endsWith(':success'))).toEqual(
    expect.arrayContaining([
      'web:success',
      'api:success',
      'all:success',
      'after:success',
      'packages:success',
      'none:success',
    ]),
  )
  expect(done.steps.map(({ id, kind }) => `${id} ${kind}`).slice(-8)).toEqual([
    '1 step',
    '2 dynamic',
    '2.1 parallel',
    '2.1.1 step',
    '2.1.2 step',
    '2.2 step',
    '3 dynamic',
    '4 step',
  ])
  expect(done.text('web')).toBe('web\n')
})

test('what cannot be decided is a failure that says why', async () => {
  const twice = step('twice', sh`true`)
  const wrongs: [string, Node, string][] = [
    [
      'throws',
      dynamic('d', () => {
        throw new Error('no idea')
      }),
      'no idea',
    ],
    ['same', dynamic('d', () => [twice]), 'stands in the tree twice'],
    ['names', dynamic('d', () => [step('a', sh`1`), step('a', sh`2`)]), 'two steps are called "a"'],
    ['nothing', dynamic('d', () => undefined as never), 'not a list'],
  ]
  for (const [what, node, message] of wrongs) {
    const done = await run(pipeline('todo', [twice, node, step('never', sh`true`)]))
    expect([what, done.result.status, done.ends.get('never')?.status]).toEqual([what, 'failure', 'skipped'])
    expect(JSON.stringify(done.ends.get('d')?.reason)).toContain(JSON.stringify(message).slice(1, -1))
  }
})

test('the imported sh in a running step is an error, not a command that silently never runs', async () => {
  const wrong = step('wrong', async () => void sh`echo lost`)
  const done = await run(pipeline('todo', [wrong]))
  expect(done.result.reason).toMatchObject({ args: { name: 'SH_INSIDE' } })
})

test('use of a step that is elsewhere, or later, is an error that says so', async () => {
  const later = step('later', () => 1)
  const foreign = step('foreign', () => 1)
  const early = await run(pipeline('todo', [step('a', ({ use }) => use(later)), later]))
  expect(early.result.reason).toMatchObject({ args: { name: 'USE_TOO_EARLY' } })
  const unknown = await run(pipeline('todo', [step('a', ({ use }) => use(foreign))]))
  expect(unknown.result.reason).toMatchObject({ args: { name: 'USE_UNKNOWN' } })
})

test.each([
  ['a date', () => ({ at: new Date() }), 'the result.at is a Date'],
  ['a function', () => [() => 1], 'the result[0] is a function'],
  ['not a number', () => Number.NaN, 'the result is NaN'],
])('a result has to be JSON: %s is not', async (_what, body, says) => {
  const done = await run(pipeline('todo', [step('a', body as () => unknown)]))
  expect(done.result.reason?.args['message']).toContain(says)
})

test('a result over 64 kB is used, not reported', async () => {
  const big = step('big', () => 'x'.repeat(100_000))
  const done = await run(pipeline('todo', [big, step('use', ({ use }) => use(big).length)]))
  expect(done.ends.get('big')).not.toHaveProperty('result')
  expect(done.ends.get('use')?.result).toBe(100_000)
})
