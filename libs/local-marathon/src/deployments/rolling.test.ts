import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRolled, type RollingState, rollingLimits, rollingMoves } from './rolling.ts'

const strategy = (minimumHealthCapacity: number, maximumOverCapacity: number) => ({
  minimumHealthCapacity,
  maximumOverCapacity,
})

test('the examples of the guide', () => {
  expect(rollingLimits(1, strategy(1, 1), 1, 1, 1)).toEqual({ maxCapacity: 2, keepOldAtFirst: 1 })
  expect(rollingLimits(1, strategy(0, 0), 1, 1, 1)).toEqual({ maxCapacity: 1, keepOldAtFirst: 0 })
  expect(rollingLimits(3, strategy(1, 0), 3, 3, 3)).toEqual({ maxCapacity: 4, keepOldAtFirst: 3 })
  expect(rollingLimits(2, strategy(0.5, 0), 2, 2, 2)).toEqual({ maxCapacity: 2, keepOldAtFirst: 1 })
})

test('more instances than wanted go at once', () => {
  expect(rollingLimits(1, strategy(1, 1), 3, 0, 3).keepOldAtFirst).toBe(1)
})

/** Plays an upgrade: stopped ones end, started ones become ready, one at a time in any order. */
function play(wanted: number, least: number, over: number, picks: readonly number[]) {
  const limits = rollingLimits(wanted, strategy(least, over), wanted, wanted, wanted)
  const state = { wanted, oldKept: wanted, oldActive: wanted, fresh: 0, ready: 0 }
  const seen: RollingState[] = []
  for (let round = 0; round < 20 * wanted + 20 && !isRolled(state); round++) {
    const moves = rollingMoves(limits, state)
    state.oldKept -= moves.stop
    state.fresh += moves.start
    seen.push({ ...state })
    const canEnd = state.oldActive > state.oldKept
    const canBecomeReady = state.fresh > state.ready
    const endsNow = canEnd && (!canBecomeReady || (picks[round % picks.length] ?? 0) % 2 === 0)
    if (endsNow) state.oldActive -= 1
    else if (canBecomeReady) state.ready += 1
  }
  return { state, seen, limits }
}

test('every upgrade ends, within its limits', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), share, share, picks, (wanted, least, over, order) => {
      const { state, seen, limits } = play(wanted, least, over, order)
      expect(isRolled(state)).toBe(true)
      for (const one of seen) {
        expect(one.oldActive + one.fresh).toBeLessThanOrEqual(Math.max(limits.maxCapacity, wanted))
        expect(one.oldKept + one.ready).toBeGreaterThanOrEqual(Math.min(wanted, Math.ceil(wanted * least)))
      }
    }),
  )
})
