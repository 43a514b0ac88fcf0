import { BatonError } from '@baton/model'
import { createLog, systemClock } from '@baton/service-kit'
import { pause } from '@baton/state-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { type FakeState, startFakeState } from '../testing/fake-state.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'

const log = createLog({ service: 'worker', level: 'silent' })
let state: FakeState
const workers: Worker[] = []

beforeEach(async () => {
  state = await startFakeState({ leaseMs: 150 })
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await state.close()
})

function start(handle: WorkerOptions<'reconcile-build'>['handle'], activeMax = 2): Worker {
  const settings = { name: 'test', kind: 'reconcile-build' as const, owner: 'me', clock: systemClock, log, activeMax }
  const worker = startWorker({ ...settings, state: state.client, handle })
  workers.push(worker)
  return worker
}

test('the lease is renewed while the work goes on', async () => {
  const work = state.add('reconcile-build', {})
  start(async (_, signal) => {
    await pause(500, signal)
    return {}
  })
  await eventually('the work done', () => work.outcome)
  expect(work.epoch).toBe(1)
})

test('who lost the lease stops, and writes nothing more', async () => {
  const work = state.add('reconcile-build', {})
  let reason: unknown
  const worker = start(async (_, signal) => {
    if (work.epoch > 1) return {}
    work.epoch += 1
    await pause(10_000, signal).catch((error) => {
      reason = error
      throw error
    })
    return {}
  })
  await eventually('the lease lost', () => reason)
  expect(String(reason)).toMatch(/somebody else has it/)
  await eventually('taken again under a new epoch', () => work.outcome)
  expect(work.releases).toEqual([])
  await eventually('counted', () => worker.status().done === 1)
})

test('a lease that cannot be renewed runs out here before somebody else may have it', async () => {
  state.add('reconcile-build', {})
  let lost = false
  start(async (_, signal) => {
    state.no = new BatonError('STOPPING', 'unavailable', 'away')
    await pause(10_000, signal).catch(() => {})
    lost = true
    state.no = undefined
    return {}
  })
  await eventually('the lease lost', () => lost)
  expect(lost).toBe(true)
})

test('not more at once than allowed', async () => {
  const works = Array.from({ length: 6 }, () => state.add('reconcile-build', {}))
  let active = 0
  let most = 0
  start(async (_, signal) => {
    active += 1
    most = Math.max(most, active)
    await pause(20, signal)
    active -= 1
    return {}
  }, 2)
  await eventually('all done', () => works.every((work) => work.outcome !== undefined))
  expect(most).toBe(2)
})

test('an error gives the work back and ends nothing', async () => {
  const work = state.add('reconcile-build', {})
  let tries = 0
  start(async () => {
    tries += 1
    if (tries === 1) throw new TypeError('a bug')
    return {}
  })
  await eventually('the work done', () => work.outcome)
  expect(work.releases).toEqual(['a bug'])
})

test('a controller that is away is waited for', async () => {
  state.no = new BatonError('STOPPING', 'unavailable', 'away')
  const worker = start(async () => ({}))
  await eventually('noticed', () => worker.status().away)
  state.no = undefined
  const work = state.add('reconcile-build', {})
  await eventually('the work done', () => work.outcome)
  expect(worker.status().away).toBeNull()
})

test('stop gives back at once what is not finished', async () => {
  const work = state.add('reconcile-build', {})
  let begun = false
  const worker = start(async (_, signal) => {
    begun = true
    await pause(60_000, signal)
    return {}
  })
  await eventually('begun', () => begun)
  const from = performance.now()
  await worker.stop()
  expect(performance.now() - from).toBeLessThan(1_000)
  expect(work).toMatchObject({ outcome: undefined, expiresMs: 0, releases: ['stopping'] })
})

test('stop ends a long poll', async () => {
  const worker = start(async () => ({}))
  const from = performance.now()
  await worker.stop()
  expect(performance.now() - from).toBeLessThan(1_000)
})
