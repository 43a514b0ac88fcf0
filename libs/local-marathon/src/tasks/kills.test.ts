import { createLog } from '@baton/service-kit/log'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Machine } from '../machine.ts'
import type { Task } from './instance.ts'
import { createKills } from './kills.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const machine = { log: createLog({ service: 'test', level: 'silent' }) } as unknown as Machine
const task = { id: 'a.instance-1._app.1', killGraceMs: 3_000 } as Task

test('a task is asked once, killed after its grace period, and again every 30 s until it is gone', async () => {
  const sent: string[] = []
  const kills = createKills(machine, {
    ask: async () => void sent.push('SIGTERM'),
    kill: async () => sent.push('SIGKILL'),
  })
  kills.begin(task)
  kills.begin(task)
  expect(sent).toEqual(['SIGTERM'])
  vi.advanceTimersByTime(2_999)
  expect(sent).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(sent).toEqual(['SIGTERM', 'SIGKILL'])
  vi.advanceTimersByTime(60_000)
  expect(sent).toEqual(['SIGTERM', 'SIGKILL', 'SIGKILL', 'SIGKILL'])
  kills.ended(task)
  vi.advanceTimersByTime(600_000)
  expect(sent).toHaveLength(4)
})
