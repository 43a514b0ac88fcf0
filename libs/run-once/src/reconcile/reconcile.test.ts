import { appIdOf } from '@baton/model'
import type { OpenAttempt } from '@baton/state-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ownerLabels } from '../app/labels.ts'
import { eventually } from '../testing/eventually.ts'
import { installation, taskIdOf } from '../testing/payloads.ts'
import { openScene, type Scene } from '../testing/scene.ts'
import { deleteStrays, judge, tellEnds } from './reconcile.ts'

let scene: Scene
beforeEach(async () => {
  scene = await openScene()
})
afterEach(() => scene.close())

function attempt(number: number, more: Partial<OpenAttempt> = {}): OpenAttempt {
  const appId = appIdOf(installation, 'todo', number, 1)
  return { pipeline: 'todo', number, attempt: 1, appId, placed: true, taskId: null, over: false, ...more }
}
const labelsOf = (number: number) => ownerLabels({ installation, lane: 'build', pipeline: 'todo', number, attempt: 1 })
const options = () => ({
  lane: 'build' as const,
  installation,
  state: scene.state.client,
  marathon: scene.marathon.marathon,
  log: scene.log,
})
const { signal } = new AbortController()

describe('the end of an attempt', () => {
  const app = (...tasks: { id: string; state: string }[]) => ({ id: '/x', tasks })
  const claimed = { placed: true, taskId: 't1' }
  const unclaimed = { placed: true, taskId: null }
  test.each([
    ['placed, app gone', unclaimed, undefined, { taskId: null, state: 'APP_GONE' }],
    ['claimed, app gone', { ...claimed, placed: false }, undefined, { taskId: null, state: 'APP_GONE' }],
    ['being placed, app not there yet', { placed: false, taskId: null }, undefined, undefined],
    ['waiting for room, no task yet', unclaimed, app(), undefined],
    ['running', claimed, app({ id: 't1', state: 'TASK_RUNNING' }), undefined],
    ['unreachable', claimed, app({ id: 't1', state: 'TASK_UNREACHABLE' }), undefined],
    ['claimed task ended', claimed, app({ id: 't1', state: 'TASK_FAILED' }), { taskId: 't1', state: 'TASK_FAILED' }],
    [
      'another task ended',
      claimed,
      app({ id: 't1', state: 'TASK_RUNNING' }, { id: 't2', state: 'TASK_FAILED' }),
      undefined,
    ],
    ['claimed task replaced', claimed, app({ id: 't2', state: 'TASK_RUNNING' }), { taskId: 't1', state: 'TASK_GONE' }],
    ['ended before a claim', unclaimed, app({ id: 't1', state: 'TASK_ERROR' }), { taskId: 't1', state: 'TASK_ERROR' }],
  ])('%s', (_, which, seen, end) => {
    const judged = judge(which, seen)
    if (end === undefined) expect(judged).toBeUndefined()
    else expect(judged).toMatchObject(end)
  })
})

test('ends are told, and what runs is left alone', async () => {
  const ended = attempt(1, { taskId: taskIdOf(attempt(1).appId) })
  const running = attempt(2, { taskId: taskIdOf(attempt(2).appId) })
  scene.marathon.put(ended.appId, labelsOf(1), [{ id: ended.taskId ?? '', state: 'TASK_KILLED' }])
  scene.marathon.put(running.appId, labelsOf(2), [{ id: running.taskId ?? '', state: 'TASK_RUNNING' }])
  scene.state.attempts.push(ended, running, attempt(3), attempt(4, { over: true }), attempt(5, { placed: false }))
  expect(await tellEnds(options(), signal)).toBe(2)
  expect(scene.state.ends.map(({ number, state }) => [number, state])).toEqual([
    [1, 'TASK_KILLED'],
    [3, 'APP_GONE'],
  ])
  expect(scene.marathon.deletes).toEqual([])
})

test('a list that lags behind ends nothing', async () => {
  const one = attempt(1, { taskId: taskIdOf(attempt(1).appId) })
  scene.marathon.put(one.appId, labelsOf(1), [{ id: one.taskId ?? '', state: 'TASK_RUNNING' }])
  scene.state.attempts.push(one)
  const lagging = { ...scene.marathon.marathon, listApps: async () => [] }
  expect(await tellEnds({ ...options(), marathon: lagging }, signal)).toBe(0)
})

test('an app without an open attempt is deleted, if it is ours', async () => {
  scene.state.attempts.push(attempt(1))
  for (const number of [1, 2]) scene.marathon.put(attempt(number).appId, labelsOf(number))
  scene.marathon.put('/baton/pipeline-builder', labelsOf(3))
  scene.marathon.put(appIdOf('other1', 'todo', 2, 1), { ...labelsOf(2), BATON_INSTALLATION: 'other1' })
  scene.marathon.put(appIdOf(installation, '~todo', 2, 1), { ...labelsOf(2), BATON_LANE: 'meta' })
  expect(await deleteStrays(options(), signal)).toBe(1)
  expect(scene.marathon.deletes).toEqual([attempt(2).appId])
})

test('an attempt opened and posted while the apps are listed is no stray', async () => {
  const late = attempt(9)
  const listing = {
    ...scene.marathon.marathon,
    listApps: async (selector: string) => {
      scene.state.attempts.push({ ...late, placed: false })
      scene.marathon.put(late.appId, labelsOf(9))
      return await scene.marathon.marathon.listApps(selector)
    },
  }
  expect(await deleteStrays({ ...options(), marathon: listing }, signal)).toBe(0)
  expect(await tellEnds({ ...options(), marathon: listing }, signal)).toBe(0)
  expect(scene.state.ends).toEqual([])
})

test('reconcile work does both, and says so', async () => {
  scene.marathon.put(attempt(2).appId, labelsOf(2))
  const work = scene.state.add('reconcile-build', { installation })
  const one = scene.start()
  await eventually('the work done', () => work.outcome)
  await eventually('the answer read', () => one.status().reconcile.done === 1)
  expect(one.status().reconcile).toMatchObject({ deleted: 1 })
  expect(one.status().reconcile.lastAt).not.toBeNull()
})

test('a database of another installation gets nothing deleted, nor judged', async () => {
  scene.marathon.put(attempt(2).appId, labelsOf(2))
  scene.state.attempts.push(attempt(3, { appId: appIdOf('other1', 'todo', 3, 1) }))
  const work = scene.state.add('reconcile-build', { installation: 'other1' })
  scene.start()
  await eventually('given back', () => work.releases.length > 0)
  expect([scene.marathon.deletes, scene.state.ends]).toEqual([[], []])
})
