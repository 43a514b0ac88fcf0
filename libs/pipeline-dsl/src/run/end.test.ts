import { afterEach, expect, test } from 'vitest'
import { sh } from '../sh/sh.ts'
import { isAlive, removeFolders, run, start, until } from '../testing/run-here.ts'
import { either, group, parallel, pipeline, step } from '../tree/build-tree.ts'

afterEach(removeFolders)

const order = { status: 'killed', reason: { code: 'killed.person', args: { who: 'ada', comment: '' } } } as const
/** Prints its own pid and those of two children, one of them in a session of its own, and goes on. */
const family = sh`echo $$; setsid sleep 300 & echo $!; sleep 300 & echo $!; wait`
const pidsIn = (text: string): number[] => text.trim().split('\n').map(Number)

test('a step that runs too long is timed out, and everything it started is dead', async () => {
  const done = await run(pipeline('todo', [step('slow', family, { timeout: '300ms' }), step('after', sh`true`)]))
  const why = { code: 'timed-out.step', args: { step: 'slow', seconds: 0.3 } }
  expect(done.result).toEqual({ status: 'timed-out', reason: why })
  expect(done.ends.get('after')?.reason).toMatchObject({ code: 'skipped.step', args: { step: 'slow' } })
  expect(pidsIn(done.text('slow'))).toHaveLength(3)
  expect(pidsIn(done.text('slow')).filter(isAlive)).toEqual([])
})

test('a build that runs too long is timed out, and finally runs', async () => {
  const done = await run(
    pipeline('todo', { timeout: '1s', finally: [step('last', sh`echo last`)] }, [step('slow', family)]),
  )
  expect(done.result).toEqual({ status: 'timed-out', reason: { code: 'timed-out.build', args: { seconds: 1 } } })
  expect(done.text('last')).toBe('last\n')
  expect(pidsIn(done.text('slow')).filter(isAlive)).toEqual([])
})

test('a process that ignores SIGTERM gets SIGKILL after the grace', async () => {
  const deaf = sh`trap '' TERM; echo $$; while :; do sleep 0.05; done`
  const done = await run(pipeline('todo', [step('deaf', deaf, { timeout: '200ms' })]))
  expect(done.result.status).toBe('timed-out')
  expect(pidsIn(done.text('deaf')).filter(isAlive)).toEqual([])
})

test('a process gets the chance to end well', async () => {
  const polite = sh`trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done`
  const done = await run(pipeline('todo', [step('polite', polite, { timeout: '300ms' })]))
  expect(done.text('polite')).toMatch(/^up\n(Terminated\n)?bye\n$/)
  expect(done.result.status).toBe('timed-out')
})

test('a function that never returns is left behind; what it starts later is refused', async () => {
  let refused: Promise<unknown> | undefined
  const deaf = step(
    'deaf',
    ({ sh, signal }) => {
      signal.addEventListener('abort', () => {
        refused = sh`echo late`.catch((error) => error.code)
      })
      return new Promise<never>(() => undefined)
    },
    { timeout: '100ms' },
  )
  const done = await run(pipeline('todo', [deaf]))
  expect(done.result.status).toBe('timed-out')
  expect(await refused).toBe('STEP_OVER')
})

test('what a step leaves running is ended with it, also in a session of its own', async () => {
  const leaves = step('leaves', sh`sleep 300 & echo $!; setsid sh -c 'echo $$; exec sleep 300' & sleep 0.1`)
  const done = await run(pipeline('todo', [leaves, step('after', sh`true`)]))
  expect(done.result.status).toBe('success')
  expect(pidsIn(done.text('leaves'))).toHaveLength(2)
  expect(pidsIn(done.text('leaves')).filter(isAlive)).toEqual([])
})

test('a server started in a function lives until the step is over', async () => {
  const served = step('served', async ({ sh }) => {
    const { text } = await sh`sleep 300 & echo $!`
    const alive = isAlive(Number(text))
    return { pid: Number(text), alive }
  })
  const done = await run(pipeline('todo', [served]))
  expect(done.ends.get('served')?.result).toEqual({ pid: expect.any(Number), alive: true })
  expect(isAlive(Number(done.text('served')))).toBe(false)
})

test('ending one step leaves its siblings alone', async () => {
  const race = either('race', [step('first', sh`sleep 0.1`), step('second', sh`sleep 300`)])
  const done = await run(pipeline('todo', [parallel('all', [race, step('1.2', sh`sleep 0.6; echo whole`)])]))
  expect(done.result.status).toBe('success')
  expect(done.text('1.2')).toBe('whole\n')
})

test('a kill ends what runs, skips the rest with its reason, and runs every finally that was begun', async () => {
  const inner = group('inner', [step('slow', family), step('next', sh`true`)], {
    finally: [step('tidy', sh`echo tidy`)],
  })
  const started = start(pipeline('todo', { finally: [step('last', sh`echo last`)] }, [inner, step('after', sh`true`)]))
  await until('three pids', () => pidsIn(started.text('slow')).length === 3)
  started.stop(order)
  expect(await started.done).toEqual(order)
  expect(started.ends.get('slow')).toEqual(order)
  expect(started.ends.get('inner')).toEqual(order)
  for (const name of ['next', 'after']) {
    expect(started.ends.get(name)).toEqual({ status: 'skipped', reason: order.reason })
  }
  expect(started.text('tidy') + started.text('last')).toBe('tidy\nlast\n')
  expect(pidsIn(started.text('slow')).filter(isAlive)).toEqual([])
})

test('finally has an end when there is little time', async () => {
  const started = start(
    pipeline('todo', { finally: [step('last', sh`sleep 300`)] }, [step('a', sh`echo up; sleep 300`)]),
  )
  await until('it runs', () => started.text('a') !== '')
  started.stop(order, 300)
  expect((await started.done).status).toBe('killed')
  expect(started.ends.get('last')?.status).toBe('killed')
})

test('abandoned, everything is dead when the call returns', async () => {
  const started = start(pipeline('todo', { finally: [step('last', sh`echo last`)] }, [step('slow', family)]))
  await until('three pids', () => pidsIn(started.text('slow')).length === 3)
  started.abandon()
  expect(pidsIn(started.text('slow')).filter(isAlive)).toEqual([])
  await started.done
  expect(started.text('last')).toBe('')
})
