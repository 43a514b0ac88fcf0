import { expect, test } from 'vitest'
import { ageOf, durationOf } from './client/time.js'

test.each([
  [-5, '0.0 s'],
  [42, '0.0 s'],
  [400, '0.4 s'],
  [9_949, '9.9 s'],
  [9_950, '10 s'],
  [59_400, '59 s'],
  [59_999, '1 min'],
  [61_000, '1 min 1 s'],
  [3_599_999, '59 min 59 s'],
  [3_900_000, '1 h 5 min'],
  [90_000_000, '1 d 1 h'],
])('%d ms are %s', (ms, words) => {
  expect(durationOf(ms)).toBe(words)
})

test.each([
  [-1_000, 'just now'],
  [59_000, 'just now'],
  [60_000, '1 min ago'],
  [7_200_000, '2 h ago'],
  [200_000_000, '2 d ago'],
])('%d ms is %s', (ms, words) => {
  expect(ageOf(ms)).toBe(words)
})
