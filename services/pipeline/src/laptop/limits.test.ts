import { expect, test } from 'vitest'
import { lastEndOf } from './limits.ts'

const forEver = Number.POSITIVE_INFINITY

test.each([
  ['nothing runs', [], 100],
  ['one step has a limit', [30], 30],
  ['the limit of a step is beyond that of the build', [300], 100],
  ['one step of several may last longer', [30, 50], 50],
  ['one step of several has no limit', [30, forEver], 100],
])('what runs may last until the last of it has to end: %s', (_what, steps, end) => {
  expect(lastEndOf(steps, 100)).toBe(end)
})
