import assert from 'node:assert/strict'
import { test } from 'vitest'
import { createLog } from './log.ts'

function linesOf(write: (log: ReturnType<typeof createLog>) => void, level?: string): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLog({ service: 'spawner', ...(level ? { level } : {}) }, { write: (line) => lines.push(line) }))
  return lines.map((line) => JSON.parse(line))
}

test('a line is an event with service, level and time in words', () => {
  const [line] = linesOf((log) => log.info({ build: 7 }, 'build claimed'))
  assert.deepEqual(
    [line?.['service'], line?.['level'], line?.['build'], line?.['msg']],
    ['spawner', 'info', 7, 'build claimed'],
  )
  assert.match(String(line?.['time']), /^\d{4}-\d\d-\d\dT.*Z$/)
})

test('secrets are masked by the names of their fields, in children too', () => {
  const lines = linesOf((log) => {
    log.info(
      { token: 'hush', request: { headers: { authorization: 'hush', accept: 'x' } }, claim: { ticket: 'hush' } },
      'a',
    )
    log.child({ password: 'hush' }).info({ secret: 'hush' }, 'b')
  })
  assert.doesNotMatch(JSON.stringify(lines), /hush/)
  assert.match(JSON.stringify(lines), /"accept":"x"/)
})

test('secrets are masked however deep, in lists, and under longer names', () => {
  const [line] = linesOf((log) => {
    log.info(
      {
        config: { marathon: { login: { serviceToken: 'hu"sh', hookSecrets: ['hush]', 'hush'], tokens: 3 } } },
        list: [{ password: 'hush' }],
        headers: { 'set-cookie': ['hush'], 'x-api-key': 'hush' },
        ticketNumber: 'T-1',
      },
      'read',
    )
  })
  assert.doesNotMatch(JSON.stringify(line), /hu"?sh/)
  assert.deepEqual(line?.['config'], { marathon: { login: { serviceToken: '***', hookSecrets: '***', tokens: 3 } } })
  assert.equal(line?.['ticketNumber'], 'T-1')
})

test('passwords in URLs are masked in messages, fields and the stacks of errors', () => {
  const lines = linesOf((log) => {
    log.info({ url: 'https://me:hush@git.example/x' }, 'cloning https://hush@git.example/x')
    log.error(
      { err: new Error('no such repository: https://me:hush@git.example/x', { cause: new Error('ssh://git:hush@h') }) },
      'x',
    )
    log.info({ url: 'ssh://git@git.example/x' }, 'plain')
  })
  assert.doesNotMatch(JSON.stringify(lines), /hush/)
  assert.equal(lines[2]?.['url'], 'ssh://git@git.example/x')
})

test('below the level nothing is written', () => {
  assert.equal(linesOf((log) => log.debug('x')).length, 0)
  assert.equal(linesOf((log) => log.debug('x'), 'debug').length, 1)
})
