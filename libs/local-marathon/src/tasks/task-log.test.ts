import { expect, test } from 'vitest'
import { outcomeOfExit, outcomeOfLog } from './outcome.ts'
import { parseTaskLog } from './task-log.ts'

test('what the shim wrote, and what a crash left of it', () => {
  expect(parseTaskLog('')).toEqual({ first: 'nothing' })
  expect(parseTaskLog('started 12')).toEqual({ first: 'nothing' })
  expect(parseTaskLog('started 12 345\n')).toEqual({ first: 'started', pid: 12, startTime: '345' })
  expect(parseTaskLog('started 12 345\nrevoked\nended 3\n')).toMatchObject({ first: 'started', exitCode: 3 })
  expect(parseTaskLog('started 12 345\nended 1')).not.toHaveProperty('exitCode')
  expect(parseTaskLog('revoked\nstarted 12 345\n')).toEqual({ first: 'revoked' })
})

test('exit codes become states and words', () => {
  expect(outcomeOfExit(0, null).state).toBe('TASK_FINISHED')
  expect(outcomeOfExit(3, null)).toEqual({ state: 'TASK_FAILED', message: 'Command exited with status 3' })
  expect(outcomeOfExit(137, null).message).toBe('Command terminated with signal Killed')
  expect(outcomeOfExit(null, 'SIGTERM').message).toBe('Command terminated with signal Terminated')
  expect(outcomeOfExit(255, null).message).toBe('Command exited with status 255')
  expect(outcomeOfLog({ first: 'started' })).toBeUndefined()
})
