import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildStatuses, isOver, mayBuildGo, mayStepGo, resultStatuses, stepStatuses, unify } from './status.ts'

describe('the status tables', () => {
  test('what is over stays over', () => {
    for (const from of buildStatuses.filter(isOver)) {
      for (const to of buildStatuses) expect(mayBuildGo(from, to)).toBe(false)
    }
    for (const from of stepStatuses.filter(isOver)) {
      for (const to of stepStatuses) expect(mayStepGo(from, to)).toBe(false)
    }
  })

  test('a build reaches an end from everywhere, and nothing goes to itself', () => {
    for (const start of buildStatuses) {
      const reached = new Set([start])
      for (const from of reached) for (const to of buildStatuses) if (mayBuildGo(from, to)) reached.add(to)
      expect([...reached].some(isOver), start).toBe(true)
      expect(mayBuildGo(start, start)).toBe(false)
    }
  })

  test('every result a process may report can follow running, and is an end', () => {
    for (const result of resultStatuses) {
      expect(mayBuildGo('running', result)).toBe(true)
      expect(isOver(result)).toBe(true)
    }
  })

  test('a user build never becomes success without having run', () => {
    for (const from of buildStatuses) expect(mayBuildGo(from, 'success')).toBe(from === 'running' || from === 'waiting')
  })
})

describe('unify', () => {
  const ended = fc.constantFrom(...stepStatuses.filter(isOver))

  test('order and repetition do not matter, and the answer is one of the given or success', () => {
    fc.assert(
      fc.property(fc.array(ended), (statuses) => {
        const all = unify(statuses)
        expect(unify([...statuses].reverse())).toBe(all)
        expect(unify([...statuses, ...statuses])).toBe(all)
        expect([...statuses, 'success']).toContain(all)
      }),
    )
  })

  test('success only if nothing went wrong', () => {
    fc.assert(
      fc.property(fc.array(ended), (statuses) => {
        const allWell = statuses.every((status) => status === 'success' || status === 'skipped')
        expect(unify(statuses) === 'success').toBe(allWell)
      }),
    )
  })
})
