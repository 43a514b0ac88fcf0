import { spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { checkMark, listPids, readPidMark } from './pid-mark.ts'

const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function start(): number {
  const child = spawn('sleep', ['300'], { stdio: 'ignore' })
  children.push(child)
  return child.pid ?? 0
}

test('what was started since a mark is listed, what is older is not', () => {
  const old = start()
  const mark = readPidMark()
  const young = start()
  expect(checkMark(mark, young)).toBe(mark)
  const pids = listPids(mark)
  expect(pids).toContain(young)
  expect(pids).not.toContain(old)
  expect(pids).not.toContain(process.pid)
})

test('where the numbering cannot be believed, everything is listed', () => {
  const old = start()
  const mark = readPidMark()
  expect(checkMark(mark, mark.lastPid)).toBeUndefined()
  const doubtful = [
    undefined,
    { ...mark, lastPid: mark.lastPid + 1_000_000 }, // It went round.
    { ...mark, forks: mark.forks - 40_000 }, // It may have gone round.
    { lastPid: Number.NaN, forks: Number.NaN },
  ]
  for (const since of doubtful) expect(listPids(since)).toContain(old)
})
