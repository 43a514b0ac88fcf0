import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, test, vi } from 'vitest'
import { createLog } from '../log/log.ts'
import { listJobs, startJob } from './job.ts'

const log = createLog({ service: 'test', level: 'silent' })

describe('a job', () => {
  test('runs at once, and again after its pause', async () => {
    let runs = 0
    const job = startJob({ name: 'j', pauseMs: 5, log, work: async () => void runs++ })
    await vi.waitFor(() => assert.ok(runs >= 3))
    await job.stop()
    assert.equal(job.status().state, 'stopped')
  })

  test('may name itself in its work', async () => {
    const states: string[] = []
    const job = startJob({ name: 'j', pauseMs: 60_000, log, work: async () => void states.push(job.status().state) })
    await vi.waitFor(() => assert.deepEqual(states, ['running']))
    await job.stop()
    assert.equal(job.status().failures, 0)
  })

  test('never overlaps; woken during a run it runs once more, however often it was woken', async () => {
    let inside = 0
    let most = 0
    let runs = 0
    const finish: (() => void)[] = []
    const job = startJob({
      name: 'j',
      pauseMs: 60_000,
      log,
      async work() {
        runs += 1
        most = Math.max(most, ++inside)
        await new Promise<void>((resolve) => finish.push(resolve))
        inside -= 1
      },
    })
    job.wake()
    job.wake()
    job.wake()
    await vi.waitFor(() => assert.equal(finish.length, 1))
    finish.shift()?.()
    await vi.waitFor(() => assert.equal(finish.length, 1))
    finish.shift()?.()
    await vi.waitFor(() => assert.equal(job.status().state, 'waiting'))
    assert.deepEqual([runs, most], [2, 1])
    job.wake()
    await vi.waitFor(() => assert.equal(finish.length, 1))
    assert.equal(runs, 3)
    finish.shift()?.()
    await job.stop()
  })

  test('that throws is counted, tells its message and runs again', async () => {
    let runs = 0
    const job = startJob({
      name: 'j',
      pauseMs: 1,
      log,
      async work() {
        if (++runs === 1) throw new Error('no database')
        await wait(60_000, undefined, { signal: AbortSignal.timeout(60_000) }).catch(() => {})
      },
      stopMs: 1,
    })
    await vi.waitFor(() => assert.equal(runs, 2))
    const { failures, last } = job.status()
    assert.deepEqual([failures, last?.result, last?.message], [1, 'failed', 'no database'])
    await job.stop()
  })

  test('that throws before it awaits is no different', async () => {
    const job = startJob({
      name: 'j',
      pauseMs: 60_000,
      log,
      work() {
        throw new Error('at once')
      },
    })
    await vi.waitFor(() => assert.equal(job.status().failures, 1))
    await job.stop()
  })

  test('hears its signal when it is stopped, and is not listed any more', async () => {
    let heard = false
    const job = startJob({
      name: 'listed',
      pauseMs: 60_000,
      log,
      work: (signal) =>
        wait(60_000, undefined, { signal }).catch(() => {
          heard = true
        }),
    })
    assert.ok(listJobs().some(({ name, state }) => name === 'listed' && state === 'running'))
    await job.stop()
    assert.ok(heard)
    assert.ok(!listJobs().some(({ name }) => name === 'listed'))
    job.wake()
    assert.equal(job.status().runs, 1)
  })

  test('that does not hear its signal holds up the stop for no longer than its limit', async () => {
    let finish = (): void => {}
    const job = startJob({
      name: 'deaf',
      pauseMs: 1,
      stopMs: 20,
      log,
      work: () =>
        new Promise<void>((resolve) => {
          finish = resolve
        }),
    })
    await job.stop()
    assert.equal(job.status().state, 'running')
    finish()
    await vi.waitFor(() => assert.equal(job.status().state, 'stopped'))
  })
})
