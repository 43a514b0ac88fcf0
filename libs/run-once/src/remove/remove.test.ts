import type { RemovePayload } from '@baton/state-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ownerLabels } from '../app/labels.ts'
import { eventually } from '../testing/eventually.ts'
import { unreachable } from '../testing/fake-marathon.ts'
import { removePayload } from '../testing/payloads.ts'
import { openScene, type Scene } from '../testing/scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await openScene()
})
afterEach(() => scene.close())

function run(state: string, more: Partial<RemovePayload> = {}) {
  const payload = removePayload(more)
  const id = payload.taskId ?? ''
  scene.marathon.put(payload.appId, ownerLabels({ ...payload, lane: 'build' }), [{ id, state }])
  return { payload, work: scene.state.add('remove-build', payload) }
}

test('an app whose task has ended is deleted', async () => {
  const { payload, work } = run('TASK_FINISHED')
  scene.start()
  expect(await eventually('the work done', () => work.outcome)).toEqual({})
  expect(scene.marathon.deletes).toEqual([payload.appId])
})

test('an app that is gone already is as good as deleted', async () => {
  const work = scene.state.add('remove-build', removePayload())
  scene.start()
  expect(await eventually('the work done', () => work.outcome)).toEqual({})
  expect(scene.marathon.deletes).toEqual([])
})

test('a process that reported exits by itself before its app is deleted', async () => {
  const { payload, work } = run('TASK_RUNNING')
  scene.start()
  await eventually('somebody works on it', () => work.epoch === 1)
  expect(scene.marathon.deletes).toEqual([])
  scene.marathon.endTask(payload.appId, 'TASK_FINISHED')
  await eventually('the work done', () => work.outcome)
  expect(scene.marathon.deletes).toEqual([payload.appId])
})

test('one that does not exit is waited for a moment only', async () => {
  const { work } = run('TASK_RUNNING')
  scene.start()
  await eventually('the work done', () => work.outcome)
  expect(scene.marathon.apps.size).toBe(0)
})

test('one that did not claim is not waited for', async () => {
  const { work } = run('TASK_STAGING', { taskId: null })
  const from = performance.now()
  scene.start()
  await eventually('the work done', () => work.outcome)
  expect(performance.now() - from).toBeLessThan(1_500)
})

test('done only when the last task has died, long after the app is 404', async () => {
  scene.marathon.slowDeath = true
  const { payload, work } = run('TASK_FINISHED')
  scene.start()
  await eventually('the app deleted', () => scene.marathon.dying.has(payload.appId))
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(work.outcome).toBeUndefined()
  scene.marathon.die(payload.appId)
  await eventually('the work done', () => work.outcome)
})

test('the end that our own DELETE brings about is no news', async () => {
  const { payload, work } = run('TASK_RUNNING', { taskId: null })
  scene.state.attempts.push({ ...payload, placed: true, over: false })
  scene.start()
  await eventually('the work done', () => work.outcome)
  expect(scene.state.ends).toEqual([])
})

test('a lost answer to the DELETE is no harm', async () => {
  scene.marathon.troubles.push({ error: unreachable(), after: true })
  const { work } = run('TASK_FINISHED')
  scene.start()
  await eventually('the work done', () => work.outcome)
  expect(work.releases).toHaveLength(1)
})

test('an app with the labels of something else is not touched', async () => {
  const { payload, work } = run('TASK_FINISHED')
  scene.marathon.put(payload.appId, { BATON_INSTALLATION: 'other1' })
  scene.start()
  await eventually('given back', () => work.releases.length > 0)
  expect(work.releases[0]).toMatch(/was not touched/)
  expect(scene.marathon.deletes).toEqual([])
})

test.each([{ installation: 'other1' }, { appId: '/baton/pipeline-builder' }])(
  'nothing of %o is touched',
  async (more) => {
    const { work } = run('TASK_FINISHED', more)
    scene.start()
    await eventually('given back', () => work.releases.length > 0)
    expect(scene.marathon.deletes).toEqual([])
  },
)

describe('what a dead attempt left unsent', () => {
  const at = '2026-01-01T00:00:00.000Z'
  const plan = { type: 'plan' as const, at, steps: [{ id: '1', name: 'one', kind: 'step' }] }
  const step = { type: 'step' as const, at, step: '1', status: 'running' as const }
  const journal = (...events: object[]) => Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  const bytes = Buffer.from([0xff, 0x00, 0x0a, 0xc3])

  function leave(payload: RemovePayload, text: Buffer, output: Buffer): void {
    scene.marathon.files.set(`${payload.taskId}/baton/journal.ndjson`, text)
    scene.marathon.files.set(`${payload.taskId}/baton/output/1.log`, output)
  }

  test('is read from the sandbox once nothing can write any more', async () => {
    scene.marathon.slowDeath = true
    const { payload, work } = run('TASK_RUNNING', { salvage: true })
    scene.start()
    await eventually('the app deleted', () => scene.marathon.dying.has(payload.appId))
    leave(payload, journal(plan, step), bytes)
    scene.marathon.die(payload.appId)
    await eventually('the work done', () => work.outcome)
    expect(scene.state.events).toEqual([plan, step])
    expect(scene.state.outputs.get('1')).toEqual(bytes)
  })

  test('goes on where it was stored, whatever the work says', async () => {
    const { payload, work } = run('TASK_FAILED', { salvage: true, stored: { nextEvent: 2, outputs: { '1': 3 } } })
    leave(payload, journal(plan, step, { ...step, status: 'lost' }), bytes)
    scene.state.events.push(plan)
    scene.state.outputs.set('1', bytes.subarray(0, 1))
    scene.start()
    await eventually('the work done', () => work.outcome)
    expect(scene.state.events).toHaveLength(3)
    expect(scene.state.outputs.get('1')).toEqual(bytes)
  })

  test('says that a step is over only once its output is there', async () => {
    const { payload, work } = run('TASK_FAILED', { salvage: true })
    leave(payload, journal(plan, step, { ...step, status: 'failure' }), bytes)
    scene.start()
    await eventually('the work done', () => work.outcome)
    expect(scene.state.written).toEqual(['plan', 'running', 'output of 1', 'failure'])
  })

  test('ends at a torn line', async () => {
    const { payload, work } = run('TASK_FAILED', { salvage: true })
    leave(payload, Buffer.concat([journal(plan, step), Buffer.from('{"type":"st')]), Buffer.alloc(0))
    scene.start()
    await eventually('the work done', () => work.outcome)
    expect(scene.state.events).toEqual([plan, step])
  })

  test('is nothing when there is no sandbox any more', async () => {
    const { work } = run('TASK_FAILED', { salvage: true })
    scene.start()
    await eventually('the work done', () => work.outcome)
    expect(scene.state.events).toEqual([])
  })

  test('is waited for while the agent does not answer', async () => {
    const { payload, work } = run('TASK_FAILED', { salvage: true })
    leave(payload, journal(plan), bytes)
    scene.marathon.filesAway = true
    scene.start()
    await eventually('given back', () => work.releases.length > 0)
    scene.marathon.filesAway = false
    await eventually('the work done', () => work.outcome)
    expect(scene.state.outputs.get('1')).toEqual(bytes)
  })

  test('is never read from the sandbox of another app’s task', async () => {
    const { payload, work } = run('TASK_FAILED', { salvage: true, taskId: 'baton_pipeline-builder.instance-1._app.1' })
    leave(payload, journal(plan), bytes)
    scene.start()
    await eventually('the work done', () => work.outcome)
    expect([scene.state.events.length, scene.state.outputs.size]).toEqual([0, 0])
  })
})
