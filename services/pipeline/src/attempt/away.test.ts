import { readFileSync } from 'node:fs'
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

const imports = `import { pipeline, sh, step } from '@baton/pipeline'\n`
const counting = `${imports}export default pipeline('todo', [
  step('count', sh\`i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); sleep 0.01; done\`), step('last', sh\`echo last\`)])`
const lines = Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join('')

test('a controller that is away when it starts is asked again, with the same nonce', async () => {
  const file = await bench.bundle(`${imports}export default pipeline('todo', [step('a', sh\`true\`)])`)
  controller.goAway()
  const task = bench.start(file, controller.url)
  await until('two tries', () => controller.cut >= 2)
  controller.claimRefusal = 'CLAIM_TOO_EARLY'
  controller.goAway(false)
  await until('two claims', () => controller.claims.length >= 2)
  controller.claimRefusal = undefined
  expect(await task.exit).toBe(0)
  expect(new Set(controller.claims.map((claim) => claim.nonce)).size).toBe(1)
})

test('while the controller is away the build goes on, and nothing is lost or there twice', async () => {
  const file = await bench.bundle(counting)
  const task = bench.start(file, controller.url)
  await until('first lines', () => controller.outputOf('1').length > 100)
  controller.goAway()
  await until('the build to be over', () =>
    readFileSync(join(task.sandbox, 'baton', 'journal.ndjson'), 'utf8').includes('"2","status":"success"'),
  )
  expect(controller.result).toBeUndefined()
  controller.goAway(false)
  expect(await task.exit).toBe(0)
  expect(controller.outputOf('1').toString()).toBe(lines)
  expect(controller.moves()).toEqual(['1:running', '1:success', '2:running', '2:success'])
})

test('a controller that lost what it had acknowledged is given it again', async () => {
  const file = await bench.bundle(counting)
  const task = bench.start(file, controller.url)
  await until('first lines', () => controller.outputOf('1').length > 100)
  controller.events.length = 1
  controller.outputs.set('1', [controller.outputOf('1').subarray(0, 10)])
  expect(await task.exit).toBe(0)
  expect(controller.outputOf('1').toString()).toBe(lines)
  expect(controller.moves()).toEqual(['1:running', '1:success', '2:running', '2:success'])
})

test('what was lost of steps that were over long ago is given again at the end', async () => {
  const steps = ['one', 'two', 'three'].map((name) => `step('${name}', sh\`echo ${name}; sleep 0.2\`)`)
  const file = await bench.bundle(`${imports}export default pipeline('todo', [${steps.join(', ')}])`)
  controller.keptEvents = 1
  expect(await bench.start(file, controller.url).exit).toBe(0)
  expect(['1', '2', '3'].map((id) => controller.outputOf(id).toString())).toEqual(['one\n', 'two\n', 'three\n'])
  expect(controller.moves()).toHaveLength(6)
})

test('killed outright, what it could not send any more lies in the sandbox', async () => {
  const file = await bench.bundle(counting)
  const task = bench.start(file, controller.url)
  await until('first lines', () => controller.outputOf('1').length > 100)
  controller.goAway()
  const output = join(task.sandbox, 'baton', 'output', '1.log')
  await until('more lines', () => readFileSync(output, 'utf8').includes('line 60\n'))
  task.process.kill('SIGKILL')
  await task.exit
  const sent = controller.outputOf('1').toString()
  expect(readFileSync(output, 'utf8').startsWith(sent)).toBe(true)
  expect(sent).not.toContain('line 60\n')
  const journal = readFileSync(join(task.sandbox, 'baton', 'journal.ndjson'), 'utf8')
    .trim()
    .split('\n')
  expect(journal.slice(0, controller.events.length).map((line) => JSON.parse(line))).toEqual(controller.events)
})

test('an order to stop that comes while the file is still loading is not lost', async () => {
  const file = await bench.bundle(`${imports}await new Promise((go) => setTimeout(go, 1_500))
    export default pipeline('todo', { finally: [step('last', sh\`echo last\`)] }, [step('a', sh\`echo never\`)])`)
  controller.order = { order: 'stop', reason: { code: 'killed.person', args: { who: 'ada', comment: 'early' } } }
  expect(await bench.start(file, controller.url).exit).toBe(1)
  expect(controller.moves()).toEqual(['1:skipped', '2:running', '2:success'])
  expect(controller.result).toMatchObject({ status: 'killed', reason: { args: { comment: 'early' } } })
})

test('a meta-build hands in its bundle and description', async () => {
  const file = await bench.bundle(`${imports}export default pipeline('meta', [
    step('publish', async ({ publish, sh, assembly, cwd }) => {
      await sh\`printf %s \${assembly?.key ?? ''} > out.mjs\`
      return (await publish?.(cwd + '/out.mjs', { name: 'x', cpus: 1, memMb: 32, diskMb: 0, timeoutMs: 1000, attemptsMax: 1, paths: [], steps: [] }))?.digest
    })])`)
  const assembly = {
    key: 'a'.repeat(64),
    pipeline: 'todo',
    repository: 'todo',
    entryFile: 'pipeline.ts',
    install: false,
  }
  controller.answer = { assembly }
  expect(await bench.start(file, controller.url).exit).toBe(0)
  expect(controller.published.bytes?.toString()).toBe(assembly.key)
  expect(controller.published.publication).toMatchObject({ digest: 'd'.repeat(64), description: { name: 'x' } })
})

test('nothing heard for too long: it ends everything by itself', async () => {
  const file = await bench.bundle(
    `${imports}export default pipeline('todo', [step('a', sh\`echo $$; exec sleep 300\`)])`,
  )
  controller.answer = { silenceMaxMs: 600 }
  const task = bench.start(file, controller.url)
  await until('the pid', () => controller.outputOf('1').length > 0)
  controller.goAway()
  expect(await task.exit).toBe(76)
  expect(isAlive(Number(controller.outputOf('1').toString()))).toBe(false)
})

test('100 MB from one step arrive whole', async () => {
  const file = await bench.bundle(
    `${imports}export default pipeline('todo', [step('big', sh\`yes 0123456789abcdef | head -c 104857600\`)])`,
  )
  const task = bench.start(file, controller.url)
  expect(await task.exit).toBe(0)
  const bytes = controller.outputOf('1')
  expect(bytes.length).toBe(104_857_600)
  expect(bytes.equals(readFileSync(join(task.sandbox, 'baton', 'output', '1.log')))).toBe(true)
})

test('secrets are given to the step that asks, and masked wherever they show up', async () => {
  const file = await bench.bundle(`${imports}
    const leak = step('leak', ({ secrets }) => secrets.TOKEN)
    export default pipeline('todo', [
      step('env', sh\`echo "[$TOKEN]"\`), step('asked', sh\`echo "[$TOKEN]"; printf %s "u:$TOKEN" | base64\`, { secrets: ['TOKEN'] }),
      leak, step('missing', ({ secrets, log }) => log(secrets.NOPE ?? ''))])`)
  controller.answer = { secrets: { TOKEN: 'sesame/open+now' } }
  expect(await bench.start(file, controller.url).exit).toBe(1)
  expect(controller.outputOf('1').toString()).toBe('[]\n')
  const asked = controller.outputOf('2').toString()
  expect(asked).toMatch(/^\[\*\*\*\]\n/)
  expect(asked).not.toContain(Buffer.from('u:sesame/open+now').toString('base64').slice(4, -4))
  expect(JSON.stringify(controller.events)).not.toContain('sesame')
  expect(controller.result?.reason).toMatchObject({ args: { name: 'SECRET_UNKNOWN' } })
})
