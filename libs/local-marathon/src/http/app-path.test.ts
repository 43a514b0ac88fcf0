import { expect, test } from 'vitest'
import { normalizeUrl, readAppPath } from './app-path.ts'
import { createBasicAuth } from './auth.ts'
import { Query } from './query.ts'

test('words of the API bind to the last segments', () => {
  expect(readAppPath('')).toEqual({ kind: 'list' })
  expect(readAppPath('a/b')).toEqual({ kind: 'app', appId: '/a/b' })
  expect(readAppPath('a/restart')).toEqual({ kind: 'restart', appId: '/a' })
  expect(readAppPath('tasks')).toEqual({ kind: 'app', appId: '/tasks' })
  expect(readAppPath('a/tasks/b/tasks')).toEqual({ kind: 'tasks', appId: '/a/tasks/b' })
  expect(readAppPath('a/tasks/x.y')).toEqual({ kind: 'task', appId: '/a', taskId: 'x.y' })
  expect(readAppPath('a/versions/v1')).toEqual({ kind: 'version', appId: '/a', version: 'v1' })
  expect(readAppPath('a/*')).toEqual({ kind: 'group', groupId: '/a' })
  expect(readAppPath('a/*/tasks')).toEqual({ kind: 'groupTasks', groupId: '/a' })
  expect(readAppPath('*')).toEqual({ kind: 'group', groupId: '/' })
})

test('slashes are tidied, the query is not', () => {
  expect(normalizeUrl('/v2/apps//a%2Fb/?x=//')).toBe('/v2/apps/a/b?x=//')
  expect(normalizeUrl('/')).toBe('/')
})

test('truth is case-insensitive', () => {
  const query = new Query('/x?force=True&embed=a&embed=b&status[]=c')
  expect([query.isTrue('force'), query.isTrue('none'), query.isTrue('none', true)]).toEqual([true, false, true])
  expect([query.list('embed'), query.list('status')]).toEqual([['a', 'b'], ['c']])
})

test('only the right account and password pass', () => {
  const isRight = createBasicAuth('me', 'geheim')
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  expect(isRight(basic('me:geheim'))).toBe(true)
  for (const header of [undefined, '', 'Basic', basic('me:x'), basic('you:geheim'), 'Bearer x'])
    expect(isRight(header)).toBe(false)
})
