import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorkbench, type Workbench } from '../testing/start-process.ts'
import { isAlive, until } from '../testing/until.ts'

let bench: Workbench
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())

interface Here {
  readonly process: ChildProcess
  readonly exit: Promise<number | null>
  text(): string
}

function runHere(file: string, ...args: string[]): Here {
  const env = { PATH: process.env['PATH'], TMPDIR: bench.folder, BATON_SECRET_TOKEN: 'open-sesame' }
  const child = spawn(process.execPath, [file, ...args], { cwd: bench.folder, env })
  let text = ''
  const hear = (chunk: Buffer): void => {
    text += chunk
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { process: child, exit, text: () => text }
}

const imports = `import { checkout, pipeline, sh, step } from '@baton/pipeline'\n`

test('it runs right here, shows output with the name of its step, masks secrets, and ends with 0', async () => {
  const file = await bench.bundle(`${imports}export default pipeline('todo', [
    checkout(), step('where', sh\`pwd; printf %s "no line end $TOKEN"\`, { secrets: ['TOKEN'] })])`)
  const here = runHere(file)
  expect(await here.exit).toBe(0)
  expect(here.text()).toContain('checkout │ nothing to check out')
  expect(here.text()).toContain(`where │ ${bench.folder}\nwhere │ no line end ***\n✔ where`)
  expect(here.text()).toMatch(/\n✔ success\n/)
})

test('a red pipeline ends with 1 and says why', async () => {
  const here = runHere(
    await bench.bundle(`${imports}export default pipeline('todo', [step('a', sh\`exit 3\`), step('b', sh\`true\`)])`),
  )
  expect(await here.exit).toBe(1)
  expect(here.text()).toContain('✘ failure: a ended with code 3.')
})

test('with --json every event is a line', async () => {
  const here = runHere(
    await bench.bundle(`${imports}export default pipeline('todo', [step('a', sh\`echo hi\`)])`),
    '--json',
  )
  expect(await here.exit).toBe(0)
  const events = here
    .text()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map(({ type, status }) => [type, status])).toEqual([
    ['plan', undefined],
    ['step', 'running'],
    ['output', undefined],
    ['step', 'success'],
    ['result', 'success'],
  ])
  expect(events[2]).toMatchObject({ step: '1', text: 'hi\n' })
})

test('Ctrl-C ends the steps and runs finally; nothing stays', async () => {
  const here = runHere(
    await bench.bundle(`${imports}export default pipeline('todo', { finally: [step('last', sh\`echo tidy\`)] }, [
    step('a', sh\`echo pid $$; setsid sleep 300 & sleep 300\`)])`),
  )
  await until('the pid', () => /pid \d+/.test(here.text()))
  here.process.kill('SIGINT')
  expect(await here.exit).toBe(1)
  expect(here.text()).toContain('last │ tidy')
  expect(here.text()).toContain('stopped from the terminal')
  expect(isAlive(Number(/pid (\d+)/.exec(here.text())?.[1]))).toBe(false)
})

test('a second Ctrl-C ends everything at once', async () => {
  const here = runHere(
    await bench.bundle(`${imports}export default pipeline('todo', { finally: [step('last', sh\`echo last $$; sleep 300\`)] }, [
    step('a', sh\`echo up; sleep 300\`)])`),
  )
  await until('it runs', () => here.text().includes('up'))
  here.process.kill('SIGINT')
  await until('finally', () => /last \d+/.test(here.text()))
  here.process.kill('SIGINT')
  expect(await here.exit).toBe(1)
  expect(isAlive(Number(/last (\d+)/.exec(here.text())?.[1]))).toBe(false)
})

const leftFolders = (): string[] => readdirSync(bench.folder).filter((name) => name.startsWith('baton-run-'))

test('the output is gone with the run, however it ended; --keep keeps it and tells where', async () => {
  const file = await bench.bundle(`${imports}export default pipeline('todo', [step('a', sh\`echo kept; exit 1\`)])`)
  await runHere(file).exit
  expect(leftFolders()).toEqual([])
  const keeping = runHere(file, '--keep')
  await keeping.exit
  const [folder = ''] = leftFolders()
  expect(keeping.text()).toContain(`\noutput: ${join(bench.folder, folder)}\n`)
  expect(readFileSync(join(bench.folder, folder, '1.log'), 'utf8')).toBe('kept\n')
})

test('code that never pauses is ended when its time is over, with whatever runs beside it', async () => {
  const beside = "step('beside', sh`echo pid $$; exec sleep 300`, { timeout: '1s' })"
  const loops = `step('loops', async ({ sh }) => {
    await sh\`sleep 0.3\`
    for (;;);
  }, { timeout: '500ms' })`
  const code = `export default pipeline('todo', [parallel('both', [${beside}, ${loops}])])`
  const here = runHere(await bench.bundle(`import { parallel } from '@baton/pipeline'\n${imports}${code}`))
  expect(await here.exit).toBe(null)
  expect(here.text()).toContain('the time of step beside, loops is over, and its code never pauses')
  expect(here.text()).toContain('(STEP_NEVER_PAUSES)\nhint: ')
  await until('the other is gone', () => !isAlive(Number(/pid (\d+)/.exec(here.text())?.[1])))
})

test('a pipeline that is wrong ends with 2, code and hint', async () => {
  const here = runHere(await bench.bundle(`${imports}export default pipeline('todo', [])`))
  expect(await here.exit).toBe(2)
  expect(here.text()).toContain('pipeline.ts:2:16: pipeline "todo": it has no steps (PIPELINE_INVALID)')
})

test('with --json such an error is one line of JSON', async () => {
  const here = runHere(
    await bench.bundle(`${imports}const none: any = undefined\nexport default none.pipeline`),
    '--json',
  )
  expect(await here.exit).toBe(2)
  const fields = { place: 'pipeline.ts:3:21', name: 'TypeError' }
  expect(JSON.parse(here.text())).toMatchObject({ code: 'PIPELINE_LOAD_FAILED', exitCode: 2, fields })
})

test('what a step throws is shown with the lines of its own file', async () => {
  const body = `() => {\n    const none: string[] | undefined = undefined\n    none!.length\n  }`
  const here = runHere(await bench.bundle(`${imports}export default pipeline('todo', [step('a', ${body})])`))
  expect(await here.exit).toBe(1)
  expect(here.text()).toMatch(/a │ TypeError: .*\na │ {5}at pipeline\.ts:4:11\n/)
})
