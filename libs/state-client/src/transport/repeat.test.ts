import { BatonError } from '@baton/model'
import { expect, test } from 'vitest'
import { pause, repeat } from './repeat.ts'

const away = () => new BatonError('STATE_UNREACHABLE', 'unavailable', 'away')
const limits = { triesMax: 3, firstMs: 1, maxMs: 2 }

test('calls again while the answer is "not now"', async () => {
  let calls = 0
  const value = await repeat(async () => {
    calls += 1
    if (calls < 3) throw away()
    return calls
  }, limits)
  expect(value).toBe(3)
})

test('has a limit', async () => {
  let calls = 0
  const call = async () => {
    calls += 1
    throw away()
  }
  await expect(repeat(call, limits)).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
  expect(calls).toBe(3)
})

test('does not repeat another no', async () => {
  let calls = 0
  const call = async () => {
    calls += 1
    throw new BatonError('WORK_MOVED_ON', 'conflict', 'moved on')
  }
  await expect(repeat(call, limits)).rejects.toMatchObject({ code: 'WORK_MOVED_ON' })
  expect(calls).toBe(1)
})

test('a pause ends with the signal', async () => {
  const stop = new AbortController()
  const pausing = pause(60_000, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(pausing).rejects.toThrow('stopped')
  await expect(pause(1, stop.signal)).rejects.toThrow('stopped')
})
