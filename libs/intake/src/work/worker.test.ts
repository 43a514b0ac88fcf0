import { BatonError } from '@baton/model'
import { createLog } from '@baton/service-kit'
import type { StateClient, Work } from '@baton/state-client'
import { afterEach, expect, test } from 'vitest'
import { startWorker, type Worker, type WorkerOptions } from './worker.ts'

const log = createLog({ service: 'test', level: 'silent' })
const stops: Worker[] = []
afterEach(async () => {
  for (const worker of stops.splice(0)) await worker.stop(0)
})

/** A controller's work in memory. */
function createQueue(count: number, leaseMs = 30_000) {
  const queue = [...Array(count)].map((_, n) => ({ id: `w${n}`, kind: 'sweep', epoch: 1, leaseMs, payload: {} }))
  const heard: string[] = []
  let awayTimes = 0
  const state = {
    async take(_take: unknown, signal?: AbortSignal) {
      if (awayTimes-- > 0) throw new BatonError('STATE_UNREACHABLE', 'unavailable', 'away')
      const work = queue.shift() as unknown as Work | undefined
      if (work !== undefined) return work
      return await new Promise<undefined>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    },
    renew: async (id: string) => void heard.push(`renew ${id}`),
    done: async ({ id }: { id: string }) => void heard.push(`done ${id}`),
    release: async ({ id }: { id: string }, afterMs: number) => void heard.push(`release ${id} ${afterMs}`),
  }
  return { state: state as unknown as StateClient, heard, goAway: (times: number) => (awayTimes = times) }
}

function start(state: StateClient, work: WorkerOptions<'sweep'>['work'], concurrency = 2): Worker {
  const worker = startWorker({ kind: 'sweep', state, log, concurrency, work, retryMs: () => 7 })
  stops.push(worker)
  return worker
}
const outcome = { observed: [], failure: null }

test('all work is done, so much at once and no more', async () => {
  const { state, heard } = createQueue(5)
  let at = 0
  let most = 0
  start(state, async () => {
    most = Math.max(most, ++at)
    await new Promise((resolve) => setTimeout(resolve, 5))
    at -= 1
    return outcome
  })
  await expect.poll(() => heard.length).toBe(5)
  expect(most).toBe(2)
})

test('what fails is given back, and the next is taken', async () => {
  const { state, heard } = createQueue(2)
  let calls = 0
  start(state, async () => {
    if (calls++ === 0) throw new Error('no')
    return outcome
  })
  await expect.poll(() => heard.sort()).toEqual(['done w1', 'release w0 7'])
})

test('a controller that is away is waited for', async () => {
  const { state, heard, goAway } = createQueue(1)
  goAway(3)
  const worker = start(state, async () => outcome)
  await expect.poll(() => heard).toEqual(['done w0'])
  expect(worker.status()).toMatchObject({ done: 1, away: false })
})

test('a lease is renewed while its work goes on', async () => {
  const { state, heard } = createQueue(1, 60)
  let finish: () => void = () => {}
  start(state, async () => {
    await new Promise<void>((resolve) => {
      finish = resolve
    })
    return outcome
  })
  await expect.poll(() => heard.filter((one) => one === 'renew w0').length).toBeGreaterThan(1)
  finish()
  await expect.poll(() => heard.at(-1)).toBe('done w0')
})

test('on stop nothing more is taken, and what does not end is given back at once', async () => {
  const { state, heard } = createQueue(3)
  const worker = start(
    state,
    (_work, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  await expect.poll(() => worker.status().working).toBe(2)
  await worker.stop(0)
  expect(heard.sort()).toEqual(['release w0 0', 'release w1 0'])
})
