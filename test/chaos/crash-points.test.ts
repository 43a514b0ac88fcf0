import { expect, test } from 'vitest'
import { listCrashPoints } from './crash-points.ts'
import { matrix } from './matrix.ts'

test('every crash point of the code is in the matrix, and the matrix has no other', () => {
  expect([...new Set(matrix.map(({ point }) => point))].sort()).toEqual(listCrashPoints())
})

test('no row is there twice', () => {
  const names = matrix.map(({ point, victim }) => `${victim} ${point}`)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})
