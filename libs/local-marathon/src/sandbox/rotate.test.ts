import {
  appendFileSync,
  linkSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rotateLogs } from './rotate.ts'

let sandbox: string
const file = (name: string) => join(sandbox, name)
const read = (name: string) => readFileSync(file(name), 'utf8')

beforeEach(() => {
  sandbox = mkdtempSync(join(tmpdir(), 'baton-rotate-'))
})
afterEach(() => rmSync(sandbox, { recursive: true }))

test('what is too large moves aside, and the task writes on into the same file', async () => {
  const task = openSync(file('stdout'), 'a')
  writeSync(task, 'one two three')
  expect(await rotateLogs(sandbox, 13)).toEqual([])
  expect(await rotateLogs(sandbox, 12)).toEqual(['stdout'])
  writeSync(task, 'four')
  expect([read('stdout.1'), read('stdout')]).toEqual(['one two three', 'four'])
  appendFileSync(file('stderr'), 'x'.repeat(3_000_000))
  expect(await rotateLogs(sandbox, 3)).toEqual(['stdout', 'stderr'])
  expect([read('stdout.1'), read('stdout'), read('stderr.1').length]).toEqual(['four', '', 3_000_000])
})

test('a link that a task puts in the place of its log leads nowhere', async () => {
  writeFileSync(file('secret'), 'of somebody else')
  symlinkSync(file('secret'), file('stdout'))
  linkSync(file('secret'), file('stderr'))
  expect(await rotateLogs(sandbox, 1)).toEqual([])
  expect(read('secret')).toBe('of somebody else')
  rmSync(file('stdout'))
  writeFileSync(file('stdout'), 'long enough')
  symlinkSync(file('secret'), file('stdout.next'))
  expect(await rotateLogs(sandbox, 1)).toEqual(['stdout'])
  expect([read('secret'), read('stdout.1')]).toEqual(['of somebody else', 'long enough'])
})
