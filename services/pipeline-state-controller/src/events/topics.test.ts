import { expect, test } from 'vitest'
import { isWanted, topics } from './topics.ts'

const build = [topics.overview, topics.pipeline('todo'), topics.build('todo', 12)]

test.each([
  ['nothing asked for is everything', []],
  ['its build', ['build:todo#12']],
  ['its pipeline, among others', ['ledger:shop', 'pipeline:todo']],
  ['all builds', ['build:*']],
])('wanted: %s', (_what, wanted) => {
  expect(isWanted(wanted, build)).toBe(true)
})

test.each([
  ['another build, whose number begins alike', ['build:todo#1']],
  ['another pipeline', ['pipeline:todo/deploy']],
  ['every ledger', ['ledger:*']],
  ['what is no topic', ['', '*', 'build']],
])('not wanted: %s', (_what, wanted) => {
  expect(isWanted(wanted, build)).toBe(false)
})

test('every ledger is every ledger', () => {
  expect(isWanted(['ledger:*'], [topics.ledger('todo')])).toBe(true)
  expect(isWanted(['ledger:todo'], [topics.ledger('shop')])).toBe(false)
})
