import { expect, test } from 'vitest'
import { delayLeftMs, growDelay, isForgiven, rebaseDelay } from './backoff.ts'

const rule = { backoffSeconds: 2, backoffFactor: 3, maxLaunchDelaySeconds: 10 }

test('the first delay is the backoff, then it grows by the factor up to the longest', () => {
  const first = growDelay(undefined, rule, 'v1', 1_000)
  expect(delayLeftMs(first, 'v1', 1_000)).toBe(2_000)
  const second = growDelay(first, rule, 'v1', 5_000)
  expect(delayLeftMs(second, 'v1', 5_000)).toBe(6_000)
  expect(delayLeftMs(growDelay(second, rule, 'v1', 5_000), 'v1', 5_000)).toBe(10_000)
})

test('a backoff longer than the longest delay is cut', () => {
  const week = { backoffSeconds: 604_800, backoffFactor: 1, maxLaunchDelaySeconds: 300 }
  expect(delayLeftMs(growDelay(undefined, week, 'v1', 0), 'v1', 0)).toBe(300_000)
})

test('a run-once app waits a week, and is not forgiven before', () => {
  const week = { backoffSeconds: 604_800, backoffFactor: 1, maxLaunchDelaySeconds: 604_800 }
  const delay = growDelay(undefined, week, 'v1', 0)
  expect(delayLeftMs(delay, 'v1', 604_799_999)).toBe(1)
  expect(isForgiven(delay, 604_800_000)).toBe(false)
  expect(isForgiven(delay, 604_800_001)).toBe(true)
})

test('another config has no delay; a sign of life moves the wait and does not shorten it', () => {
  const delay = growDelay(undefined, rule, 'v1', 0)
  expect(delayLeftMs(delay, 'v2', 0)).toBe(0)
  expect(growDelay(delay, rule, 'v2', 0).delayMs).toBe(2_000)
  expect(delayLeftMs(rebaseDelay(delay, 1_500), 'v1', 1_500)).toBe(2_000)
})
