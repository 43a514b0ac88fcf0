import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tempDir } from '../testing/temp-dir.ts'
import { chooseBuildAccount, chooseOpenDir, chooseSandboxesDir, taskPath } from './build-user.ts'

describe('the account of builds', () => {
  test('is our own when we are nobody special', async () => {
    expect(await chooseBuildAccount('nobody', false)).toMatchObject({
      user: null,
      notice: expect.stringContaining('trust'),
    })
  })

  test('that does not exist is said, and not used', async () => {
    const account = await chooseBuildAccount('no-such-account', true)

    expect(account.user).toBeNull()
    expect(account.notice).toContain('no account "no-such-account"')
  })

  test.runIf(process.getuid?.() === 0)('is the named one when we are root and it can run Node and Git', async () => {
    expect(await chooseBuildAccount('nobody', true)).toMatchObject({ user: 'nobody' })
  })

  test('finds the Node of the platform first', () => {
    expect(taskPath().split(':')[0]).toBe(dirname(process.execPath))
  })
})

describe('the folder that builds reach', () => {
  test('is the data folder where everybody may pass', () => {
    const root = join(tempDir(), 'data')
    mkdirSync(root, { mode: 0o711 })
    chmodSync(dirname(root), 0o711)

    expect(chooseOpenDir(root, 'abc123', 'nobody')).toBe(root)
  })

  test('is one of ours elsewhere when something above the data folder is closed', () => {
    const root = join(tempDir(), 'data')
    mkdirSync(root, { mode: 0o711 })
    chmodSync(dirname(root), 0o700)

    const dir = chooseOpenDir(root, 'test-only', 'nobody')
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))

    expect(dir).not.toBe(root)
    expect(statSync(dir).mode & 0o777).toBe(0o711)
  })

  test('need not be reached by others when builds are not others', () => {
    const root = join(tempDir(), 'data')
    mkdirSync(root, { mode: 0o700 })

    expect(chooseOpenDir(root, 'abc123', null)).toBe(root)
  })
})

describe('sandboxes', () => {
  test('lie in the open folder', () => {
    const root = join(tempDir(), 'data')
    expect(chooseSandboxesDir(root, 'abc123')).toBe(join(root, 'sandboxes'))
  })

  test.each(['package.json', 'node_modules', '.git'])(
    'lie elsewhere when a %s above would be found from them',
    (mark) => {
      const project = tempDir()
      mkdirSync(join(project, mark))
      const dir = chooseSandboxesDir(join(project, 'deep', '.baton'), 'test-only')
      onTestFinished(() => rmSync(dirname(dir), { recursive: true, force: true }))
      expect(dir).toBe('/var/tmp/baton-test-only/sandboxes')
    },
  )
})

test('what npm puts in front of the PATH is not for tasks', () => {
  const before = process.env['PATH']
  onTestFinished(() => {
    process.env['PATH'] = before
  })
  const npms = '/x/node_modules/.bin:/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin'
  process.env['PATH'] = `${npms}:/usr/bin`
  expect(taskPath()).toBe(`${dirname(process.execPath)}:/usr/bin`)
})
