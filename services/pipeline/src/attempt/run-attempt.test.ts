import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { FakeController } from '../testing/fake-controller.ts'
import { openWorkbench, type Workbench } from '../testing/start-process.ts'
import { isAlive, until } from '../testing/until.ts'

let bench: Workbench
let controller: FakeController
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())
beforeEach(async () => {
  controller = await new FakeController().open()
})
afterEach(() => controller.close())

const imports = `import { appendFileSync } from 'node:fs'
import { parallel, pipeline, sh, step } from '@baton/pipeline'\n`

test('claims, runs, reports every event and byte, and ends with 0', async () => {
  const file = await bench.bundle(`${imports}
    const version = step('version', ({ build }) => build.number)
    export default pipeline('todo', { finally: [step('report', sh\`echo bye\`)] }, [
      version,
      step('show', sh\`echo "$BATON_COMMIT $BATON_BUILD $CI [$BATON_TICKET]"; pwd; printf '\\377'\`),
      step('use', ({ use, log }) => log('number ' + use(version))),
    ])`)
  const task = bench.start(file, controller.url)
  expect(await task.exit).toBe(0)

  expect(controller.claims).toHaveLength(1)
  expect(controller.claims[0]).toMatchObject({ pipeline: 'todo', number: 7, attempt: 1, taskId: 'task.1', protocol: 1 })
  expect(controller.claims[0]?.sandbox).toEqual({ agent: '127.0.0.1:5051', path: task.sandbox })
  expect(controller.events[0]).toMatchObject({
    type: 'plan',
    steps: [{ id: '1' }, { id: '2' }, { id: '3' }, { id: '4', kind: 'finally' }],
  })
  expect(controller.moves()).toEqual(['1', '2', '3', '4'].flatMap((id) => [`${id}:running`, `${id}:success`]))
  expect(controller.events[2]).toMatchObject({ result: 7 })
  const shown = Buffer.from(`${'c'.repeat(40)} 7 true []\n${task.sandbox}/workspace\n`)
  expect(controller.outputOf('2')).toEqual(Buffer.concat([shown, Buffer.from([0xff])]))
  expect(controller.outputOf('3').toString()).toBe('number 7\n')
  expect(controller.result).toMatchObject({ status: 'success', reason: null, events: 9 })
  const journal = readFileSync(join(task.sandbox, 'baton', 'journal.ndjson'), 'utf8')
    .trim()
    .split('\n')
  expect(journal.map((line) => JSON.parse(line))).toEqual(controller.events)
})

test('quick steps are told together, the last ones without delay', async () => {
  const file = await bench.bundle(`${imports}
    export default pipeline('todo', Array.from({ length: 200 }, (_, at) => step('step ' + at, () => at)))`)
  expect(await bench.start(file, controller.url).exit).toBe(0)
  expect(controller.events).toHaveLength(401)
  expect(controller.eventBatches).toBeLessThan(100)
})

test.each(['CLAIM_TAKEN', 'TICKET_UNKNOWN', 'ATTEMPT_FENCED', 'BUILD_KILLED'])(
  'refused with %s it ends with 75, and nothing of the user ran',
  async (code) => {
    const ran = join(bench.folder, `ran-${code}`)
    const file = await bench.bundle(`${imports}
      appendFileSync(${JSON.stringify(ran)}, 'x')
      export default pipeline('todo', [step('a', sh\`touch ${ran}\`)])`)
    controller.claimRefusal = code
    expect(await bench.start(file, controller.url).exit).toBe(75)
    expect(existsSync(ran)).toBe(false)
  },
)

test('a red build ends with 1, with the reason of the step that failed', async () => {
  const file = await bench.bundle(
    `${imports}export default pipeline('todo', [step('a', sh\`exit 3\`), step('b', sh\`true\`)])`,
  )
  expect(await bench.start(file, controller.url).exit).toBe(1)
  expect(controller.moves()).toEqual(['1:running', '1:failure', '2:skipped'])
  const why = { code: 'failure.code', args: { step: 'a', code: 3 } }
  expect(controller.result).toMatchObject({ status: 'failure', reason: why })
})

test('a file that cannot be loaded is a red build that shows why', async () => {
  const file = await bench.bundle(
    `${imports}throw new TypeError('no such luck')\nexport default pipeline('todo', [step('a', sh\`true\`)])`,
  )
  expect(await bench.start(file, controller.url).exit).toBe(1)
  expect(controller.result?.reason).toMatchObject({
    code: 'failure.threw',
    args: {
      step: 'load pipeline.ts',
      name: 'PIPELINE_LOAD_FAILED',
      message: expect.stringMatching(/^pipeline\.ts:\d+:7: TypeError was thrown/),
    },
  })
  expect(controller.outputOf('1').toString()).toMatch(/^PIPELINE_LOAD_FAILED: pipeline.ts:\d+:7: .*: no such luck \(/)
})

test('an error nobody awaited makes the build red', async () => {
  const file = await bench.bundle(`${imports}
    export default pipeline('todo', { finally: [step('last', sh\`echo last\`)] }, [
      step('a', async ({ sh }) => { setTimeout(() => { throw new Error('from nowhere') }, 50); await sh\`sleep 20\` }),
    ])`)
  expect(await bench.start(file, controller.url).exit).toBe(1)
  expect(controller.result?.reason).toMatchObject({ code: 'failure.threw', args: { message: 'from nowhere' } })
  expect(controller.outputOf('2').toString()).toBe('last\n')
})

test('an order to stop is heard at once: the step dies, finally runs, killed is reported with the reason given', async () => {
  const file = await bench.bundle(`${imports}
    export default pipeline('todo', { finally: [step('last', sh\`echo last\`)] }, [
      step('a', sh\`echo $$; setsid sleep 300 & sleep 300\`), step('b', sh\`true\`)])`)
  const task = bench.start(file, controller.url)
  await until('the pid', () => controller.outputOf('1').length > 0)
  const reason = { code: 'killed.person', args: { who: 'ada', comment: 'enough' } } as const
  const from = performance.now()
  controller.stop({ order: 'stop', reason })
  expect(await task.exit).toBe(1)
  expect(performance.now() - from).toBeLessThan(2000)
  expect(controller.moves()).toEqual(['1:running', '1:killed', '2:skipped', '3:running', '3:success'])
  expect(controller.result).toMatchObject({ status: 'killed', reason })
  expect(isAlive(Number(controller.outputOf('1').toString()))).toBe(false)
})

test('SIGTERM is an order to stop, too', async () => {
  const file = await bench.bundle(`${imports}
    export default pipeline('todo', { finally: [step('last', sh\`echo last\`)] }, [step('a', sh\`echo up; sleep 300\`)])`)
  const task = bench.start(file, controller.url)
  await until('output', () => controller.outputOf('1').length > 0)
  task.process.kill('SIGTERM')
  expect(await task.exit).toBe(1)
  expect(controller.result).toMatchObject({
    status: 'killed',
    reason: { code: 'killed.stop', args: { who: 'Marathon' } },
  })
  expect(controller.outputOf('2').toString()).toBe('last\n')
})

test('fenced, it is gone quickly with everything it started, and without finally', async () => {
  const file = await bench.bundle(`${imports}
    export default pipeline('todo', { finally: [step('last', sh\`echo last\`)] }, [
      step('a', sh\`echo $$; trap '' TERM; while :; do echo x; sleep 0.1; done\`)])`)
  const task = bench.start(file, controller.url)
  await until('output', () => controller.outputOf('1').length > 0)
  controller.refusal = 'ATTEMPT_FENCED'
  const from = performance.now()
  expect(await task.exit).toBe(75)
  expect(performance.now() - from).toBeLessThan(1500)
  expect(controller.result).toBeUndefined()
  expect(existsSync(join(task.sandbox, 'baton', 'output', '2.log'))).toBe(false)
  expect(isAlive(Number.parseInt(controller.outputOf('1').toString(), 10))).toBe(false)
})
