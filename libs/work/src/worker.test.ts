import { BatonError } from '@baton/model'
import { createLog } from '@baton/service-kit'
import { pause } from '@baton/state-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMemoryQueue, type MemoryQueue } from './testing/memory-queue.ts'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'

const patience = { timeout: 10_000 }
const log = createLog({ service: 'worker', level: 'silent' })
let state: MemoryQueue
const workers: Worker[] = []

beforeEach(() => {
  state = createMemoryQueue(150)
})
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
})

function start(handle: WorkerOptions<'reconcile-build'>['handle'], activeMax = 2): Worker {
  const settings = { kind: 'reconcile-build' as const, owner: 'me', log, activeMax }
  const worker = startWorker({ ...settings, state: state.client, handle })
  workers.push(worker)
  return worker
}

test('the lease is renewed while the work goes on', async () => {
  const work = state.add()
  start(async (_, signal) => {
    await pause(500, signal)
    return {}
  })
  await expect.poll(() => Boolean(work.outcome), patience).toBe(true)
  expect(work.epoch).toBe(1)
})

test('who lost the lease stops, and writes nothing more', async () => {
  const work = state.add()
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
  await expect.poll(() => Boolean(reason), patience).toBe(true)
  expect(String(reason)).toMatch(/somebody else has it/)
  await expect.poll(() => Boolean(work.outcome), patience).toBe(true)
  expect(work.releases).toEqual([])
  await expect.poll(() => Boolean(worker.status().done === 1), patience).toBe(true)
})

test('a lease that cannot be renewed runs out here before somebody else may have it', async () => {
  state.add()
  let lost = false
  start(async (_, signal) => {
    state.no = new BatonError('STOPPING', 'unavailable', 'away')
    await pause(10_000, signal).catch(() => {})
    lost = true
    state.no = undefined
    return {}
  })
  await expect.poll(() => Boolean(lost), patience).toBe(true)
  expect(lost).toBe(true)
})

test('not more at once than allowed', async () => {
  const works = Array.from({ length: 6 }, () => state.add())
  let active = 0
  let most = 0
  start(async (_, signal) => {
    active += 1
    most = Math.max(most, active)
    await pause(20, signal)
    active -= 1
    return {}
  }, 2)
  await expect.poll(() => Boolean(works.every((work) => work.outcome !== undefined)), patience).toBe(true)
  expect(most).toBe(2)
})

test('how long it rests is for whoever works on it to say', async () => {
  const work = state.add()
  const failures: number[] = []
  const worker = startWorker({
    ...{ kind: 'reconcile-build' as const, owner: 'me', log, activeMax: 1, state: state.client },
    handle: async () => {
      if (work.releases.length < 2) throw new TypeError('not yet')
      return {}
    },
    retryMs: (_error, _work, times) => {
      failures.push(times)
      return 1
    },
  })
  workers.push(worker)
  await expect.poll(() => work.outcome, patience).toEqual({})
  expect(failures).toEqual([1, 2])
  expect(worker.status()).toMatchObject({ done: 1, released: 2, active: 0 })
})

test('an error gives the work back and ends nothing', async () => {
  const work = state.add()
  let tries = 0
  start(async () => {
    tries += 1
    if (tries === 1) throw new TypeError('a bug')
    return {}
  })
  await expect.poll(() => Boolean(work.outcome), patience).toBe(true)
  expect(work.releases).toEqual(['a bug'])
})

test('a controller that is away is waited for', async () => {
  state.no = new BatonError('STOPPING', 'unavailable', 'away')
  const worker = start(async () => ({}))
  await expect.poll(() => Boolean(worker.status().away), patience).toBe(true)
  state.no = undefined
  const work = state.add()
  await expect.poll(() => Boolean(work.outcome), patience).toBe(true)
  expect(worker.status().away).toBeNull()
})

test('stop gives back at once what is not finished', async () => {
  const work = state.add()
  let begun = false
  const worker = start(async (_, signal) => {
    begun = true
    await pause(60_000, signal)
    return {}
  })
  await expect.poll(() => Boolean(begun), patience).toBe(true)
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
