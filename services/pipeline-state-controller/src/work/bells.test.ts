import { expect, test, vi } from 'vitest'
import { createBells, orderBell } from './bells.ts'

const limitMs = 60_000
const never = new AbortController().signal

/** Whether a promise has resolved by now. */
async function isThrough(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  const immediate = new Promise((resolve) => setImmediate(resolve, pending))
  return (await Promise.race([promise, immediate])) !== pending
}

test('a ring wakes everybody who waits for it, and nobody else', async () => {
  const bells = createBells()
  const [first, second] = [bells.wait(['sweep', 'resolve'], limitMs, never), bells.wait(['resolve'], limitMs, never)]
  const stopping = new AbortController()
  const other = bells.wait(['place-build'], limitMs, stopping.signal)
  bells.ring('resolve')
  await Promise.all([first, second])
  expect(await isThrough(other)).toBe(false)
  stopping.abort()
  await other
})

test('nothing is remembered: a ring of before wakes nobody', async () => {
  const bells = createBells()
  bells.ring('sweep')
  const late = bells.wait(['sweep'], limitMs, never)
  expect(await isThrough(late)).toBe(false)
  bells.ring('sweep')
  await late
})

test('a wait ends by itself, and at once if there is nothing to wait for', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const bells = createBells()
    const waiting = bells.wait(['sweep'], 1_000, never)
    vi.advanceTimersByTime(999)
    expect(await isThrough(waiting)).toBe(false)
    vi.advanceTimersByTime(1)
    await waiting
    await bells.wait(['sweep'], 0, never)
    await bells.wait(['sweep'], -1, never)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('aborted it ends without an error, before or while it waits', async () => {
  const bells = createBells()
  await bells.wait(['sweep'], limitMs, AbortSignal.abort())
  const stopping = new AbortController()
  const waiting = bells.wait(['sweep'], limitMs, stopping.signal)
  stopping.abort(new Error('the caller has gone'))
  await waiting
  bells.ring('sweep')
})

test('whoever is woken may wait again at once, and is not woken by the same ring', async () => {
  const bells = createBells()
  let rounds = 0
  const stopping = new AbortController()
  const work = async () => {
    while (!stopping.signal.aborted) {
      await bells.wait(['sweep'], limitMs, stopping.signal)
      rounds += 1
    }
  }
  const working = work()
  for (const round of [1, 2, 3]) {
    bells.ring('sweep')
    await isThrough(working)
    expect(rounds).toBe(round)
  }
  stopping.abort()
  await working
})

test('each build has an order bell of its own', () => {
  const names = [orderBell('todo', 1), orderBell('todo', 12), orderBell('todo/deploy', 1), orderBell('~todo', 1)]
  expect(new Set(names).size).toBe(4)
})
