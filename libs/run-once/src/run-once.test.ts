import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from './testing/eventually.ts'
import { removePayload } from './testing/payloads.ts'
import { openStage, type Stage } from './testing/stage.ts'

/** Writes journal and output, then notes that it ran, and waits to be killed if its build has an odd number. */
const pipeline = (sideFile: string) => `
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
const { BATON_BUILD, MESOS_TASK_ID } = process.env
const at = '2026-01-01T00:00:00.000Z'
mkdirSync('baton/output', { recursive: true })
writeFileSync('baton/output/1.log', Buffer.alloc(3_000_000, Buffer.from([0xff, 0x0a])))
writeFileSync('baton/journal.ndjson', [
  { type: 'plan', at, steps: [{ id: '1', name: 'one', kind: 'step' }] },
  { type: 'step', at, step: '1', status: 'running' },
].map((event) => JSON.stringify(event) + '\\n').join('') + '{"torn')
process.on('SIGTERM', () => {})
appendFileSync(${JSON.stringify(sideFile)}, BATON_BUILD + ' ' + MESOS_TASK_ID + '\\n')
if (Number(BATON_BUILD) % 2 === 1) setInterval(() => appendFileSync('baton/output/1.log', 'x'), 5)
`

let stage: Stage
beforeEach(async () => {
  stage = await openStage(pipeline)
})
afterEach(() => stage.close())

const limitMs = 20_000
const see = <T>(wanted: string, look: () => T | undefined | false) => eventually(wanted, look, limitMs)

/** Places a build and waits until it runs; answers the task that does. */
async function placed(number: number): Promise<string> {
  const work = stage.place(number)
  await see('placed', () => work.outcome)
  const ran = await see('run', () => stage.sideEffects().find((line) => line.startsWith(`${number} `)))
  return ran.split(' ')[1] ?? ''
}

test('runs once, is told of, and is gone', async () => {
  stage.start()
  const taskId = await placed(2)
  const end = await see('the end told', () => stage.state.ends[0])
  // This controller lists no open attempts: the app is known from having been placed.
  expect(end).toMatchObject({ number: 2, taskId, state: 'TASK_FINISHED' })
  const work = stage.remove(2, { taskId })
  await see('removed', () => work.outcome)
  expect(await stage.marathon.findApp(removePayload({ number: 2 }).appId)).toBeUndefined()
  expect(stage.sideEffects()).toHaveLength(1)
})

describe.each(['place.before-post', 'place.after-post', 'place.after-done'])('killed at %s', (point) => {
  test('another goes on, and nothing runs twice', async () => {
    stage.crashAt(point)
    stage.start()
    const work = stage.place(1)
    await see('the crash', () => stage.crashed(point))
    stage.start()
    expect(await see('placed', () => work.outcome)).toEqual({ refused: null })
    await see('run', () => stage.sideEffects().length > 0)
    const rest = [stage.place(3), stage.place(5)]
    await see('others placed', () => rest.every((one) => one.outcome !== undefined))
    await see('others run', () => stage.sideEffects().length >= 3)
    expect(
      stage
        .sideEffects()
        .map((line) => line.split(' ')[0])
        .sort(),
    ).toEqual(['1', '3', '5'])
  })
})

describe.each(['remove.before-delete', 'remove.after-delete', 'remove.after-done'])('killed at %s', (point) => {
  test('another goes on, and all that was unsent arrives', async () => {
    const first = stage.start()
    const taskId = await placed(1)
    stage.crashAt(point)
    const work = stage.remove(1, { taskId, salvage: true, stored: { nextEvent: 0, outputs: { '1': 0 } } })
    await see('the crash', () => stage.crashed(point))
    await see('its death', () => first.signalCode)
    stage.start()
    await see('removed', () => work.outcome)
    expect(await stage.marathon.findApp(removePayload({ number: 1 }).appId)).toBeUndefined()
    expect(stage.state.events).toHaveLength(2)
    const file = await stage.marathon.readSandboxFile({ id: taskId, host: 'localhost' }, 'baton/output/1.log', {
      offset: 0,
      length: 10_000_000,
    })
    expect(file?.length).toBeGreaterThanOrEqual(3_000_000)
    expect(stage.state.outputs.get('1')?.equals(file ?? Buffer.alloc(0))).toBe(true)
  })
})

test('two instances and twenty builds: each runs once, each is removed', async () => {
  stage.start()
  stage.start()
  const numbers = Array.from({ length: 20 }, (_, index) => 2 * index + 2)
  const works = numbers.map((number) => stage.place(number))
  await see('all placed', () => works.every((work) => work.outcome !== undefined))
  await see('all run', () => stage.sideEffects().length >= 20)
  const tasks = new Map(stage.sideEffects().map((line) => line.split(' ') as [string, string]))
  expect([...tasks.keys()].sort()).toEqual(numbers.map(String).sort())
  const removals = numbers.map((number) => stage.remove(number, { taskId: tasks.get(String(number)) ?? null }))
  await see('all removed', () => removals.every((work) => work.outcome !== undefined))
  expect(await stage.marathon.listApps('BATON_LANE==build')).toEqual([])
  expect(stage.sideEffects()).toHaveLength(20)
})
