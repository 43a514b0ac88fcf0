import { appIdOf, BatonError } from '@baton/model'
import type { OpenAttempt } from '@baton/state-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownerLabels } from '../app/labels.ts'
import { eventually } from '../testing/eventually.ts'
import { installation, placePayload, taskIdOf } from '../testing/payloads.ts'
import { openScene, type Scene } from '../testing/scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await openScene()
})
afterEach(() => scene.close())

function running(number: number): OpenAttempt {
  const appId = appIdOf(installation, 'todo', number, 1)
  const taskId = taskIdOf(appId)
  const owner = { installation, lane: 'build' as const, pipeline: 'todo', number, attempt: 1 }
  scene.marathon.put(appId, ownerLabels(owner), [{ id: taskId, state: 'TASK_RUNNING' }])
  const open = { pipeline: 'todo', number, attempt: 1, appId, placed: true, taskId, over: false }
  scene.state.attempts.push(open)
  return open
}

test('the end of a task is told as Marathon said it', async () => {
  const one = running(1)
  scene.start()
  scene.marathon.endTask(one.appId, 'TASK_FAILED', 'Command exited with status 1')
  const message = 'Command exited with status 1'
  const end = await eventually('the end told', () => scene.state.ends.find((one) => one.message === message))
  expect(end).toEqual({ number: 1, attempt: 1, taskId: one.taskId, state: 'TASK_FAILED', message })
})

test('what this process placed needs no question', async () => {
  const work = scene.state.add('place-build', placePayload())
  const one = scene.start()
  await eventually('placed', () => work.outcome)
  await eventually('listening', () => one.status().listening)
  await eventually('the first look is over', () => scene.state.listings > 0)
  const before = scene.state.listings
  scene.marathon.endTask(placePayload().appId, 'TASK_FINISHED')
  await eventually('the end told', () => scene.state.ends.find(({ number }) => number === 7))
  expect(scene.state.listings).toBe(before)
})

test('ends of the other lane cost no question', async () => {
  const one = scene.start()
  await eventually('listening', () => one.status().listening)
  await eventually('the first look is over', () => scene.state.listings > 0)
  const before = scene.state.listings
  const meta = appIdOf(installation, '~todo', 1, 1)
  scene.marathon.tell({ eventType: 'status_update_event', appId: meta, taskId: 't', taskStatus: 'TASK_FINISHED' })
  const own = running(3)
  scene.marathon.endTask(own.appId, 'TASK_FINISHED')
  await eventually('the end told', () => scene.state.ends.find(({ number }) => number === 3))
  expect(scene.state.listings).toBe(before + 1)
})

test('what is not over, and what is not ours, is not told', async () => {
  const one = running(1)
  scene.start()
  scene.marathon.endTask(one.appId, 'TASK_UNREACHABLE')
  scene.marathon.tell({ eventType: 'status_update_event', appId: '/shop', taskId: 't', taskStatus: 'TASK_FAILED' })
  scene.marathon.tell({ eventType: 'app_terminated_event', appId: appIdOf('other1', 'todo', 1, 1) })
  const two = running(2)
  scene.marathon.endTask(two.appId, 'TASK_LOST')
  await eventually('the end told', () => scene.state.ends[0])
  expect(new Set(scene.state.ends.map(({ number }) => number))).toEqual(new Set([2]))
})

test('an app deleted by hand is told too', async () => {
  const one = running(1)
  scene.start()
  await scene.marathon.marathon.deleteApp(one.appId)
  expect(await eventually('the end told', () => scene.state.ends[0])).toMatchObject({ taskId: null, state: 'APP_GONE' })
})

test('many ends at once ask the controller once or twice who they are', async () => {
  const all = Array.from({ length: 50 }, (_, number) => running(number))
  scene.start()
  const before = scene.state.listings
  for (const { appId } of all) scene.marathon.endTask(appId, 'TASK_FINISHED')
  await eventually('all told', () => new Set(scene.state.ends.map(({ number }) => number)).size === 50)
  expect(scene.state.listings - before).toBeLessThan(5)
})

test('an end is told although the controller is away for a moment', async () => {
  const one = running(1)
  scene.start()
  scene.state.no = new BatonError('STOPPING', 'unavailable', 'away')
  scene.marathon.endTask(one.appId, 'TASK_FINISHED')
  setTimeout(() => {
    scene.state.no = undefined
  }, 60)
  expect(await eventually('the end told', () => scene.state.ends[0])).toMatchObject({ state: 'TASK_FINISHED' })
})

test('what ended while nobody listened is found when the stream opens', async () => {
  const one = running(1)
  const task = scene.marathon.apps.get(one.appId)?.tasks[0]
  if (task !== undefined) task.state = 'TASK_KILLED'
  scene.start()
  expect(await eventually('the end told', () => scene.state.ends[0])).toMatchObject({ state: 'TASK_KILLED' })
  const two = running(2)
  scene.marathon.apps.delete(two.appId)
  scene.marathon.reopen()
  await eventually('the second end told', () => scene.state.ends.find(({ number }) => number === 2))
})
