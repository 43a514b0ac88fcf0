import { expect, test } from 'vitest'
import { findNearest } from './nearest.ts'

test.each([
  ['tood', ['shop', 'todo', 'todo/deploy'], 'todo'],
  ['SUCESS', ['failure', 'success'], 'success'],
  ['todo/deplay', ['todo', 'todo/deploy'], 'todo/deploy'],
  ['anything', [], undefined],
])('%s was probably meant as one of %j: %s', (name, known, nearest) => {
  expect(findNearest(name, known)).toBe(nearest)
})
