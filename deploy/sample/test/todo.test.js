import assert from 'node:assert/strict'
import { test } from 'node:test'
import { add, finish, left } from '../src/todo.js'

test('what is added is left to do', () => {
  assert.equal(left(add([], 'write a pipeline')), 1)
})

test('what is finished is not', () => {
  assert.equal(left(finish(add([], 'write a pipeline'), 'write a pipeline')), 0)
})

test('nothing cannot be done', () => {
  assert.throws(() => add([], ' '))
})
