import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../testing/temp-dir.ts'
import { openDataFolder } from './data-folder.ts'
import { getSecret, makeSecrets, newInstallation } from './secrets.ts'
import { writeOnce, writeWhole } from './write-whole.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe('the data folder', () => {
  test('lets nobody else in', () => {
    const data = openDataFolder(join(tempDir(), 'data'), false)

    expect(modeOf(data.root)).toBe('700')
    expect(modeOf(data.secrets)).toBe('700')
  })

  test('started as root lets builds through to their sandboxes, and nowhere else', () => {
    const data = openDataFolder(join(tempDir(), 'data'), true)

    expect(modeOf(data.root)).toBe('711')
    for (const dir of [data.secrets, data.releases, data.marathon, data.logs, data.locks])
      expect(modeOf(dir)).toBe('700')
  })

  test('whose rights were changed gets them back', () => {
    const root = join(tempDir(), 'data')
    const data = openDataFolder(root, false)
    chmodSync(data.secrets, 0o755)

    openDataFolder(root, false)

    expect(modeOf(data.secrets)).toBe('700')
  })

  test('that is a link to elsewhere is refused', () => {
    const dir = tempDir()
    openDataFolder(join(dir, 'real'), false)
    symlinkSync(join(dir, 'real'), join(dir, 'link'))

    expect(() => openDataFolder(join(dir, 'link'), false)).toThrow(expect.objectContaining({ code: 'DATA_NOT_OURS' }))
  })
})

describe('secrets', () => {
  test('are made once and stay', () => {
    const dir = tempDir()
    makeSecrets(dir)
    const before = getSecret(dir, 'master-key')
    makeSecrets(dir)

    expect(before).toMatch(/^[0-9a-f]{64}$/)
    expect(getSecret(dir, 'master-key')).toBe(before)
    expect(modeOf(join(dir, 'admin-token'))).toBe('600')
    expect(getSecret(dir, 'admin-token')).not.toBe(getSecret(dir, 'service-token'))
  })

  test('an installation has six letters and digits', () => {
    for (let count = 0; count < 200; count += 1) expect(newInstallation()).toMatch(/^[a-z][a-z0-9]{5}$/)
  })
})

describe('a file', () => {
  test('is replaced whole, or made only once', () => {
    const file = join(tempDir(), 'file')

    expect(writeOnce(file, 'first')).toBe(true)
    expect(writeOnce(file, 'second')).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe('first')
    writeWhole(file, 'third')
    expect(readFileSync(file, 'utf8')).toBe('third')
  })

  test('that cannot be written leaves the old one', () => {
    const dir = tempDir()
    writeFileSync(join(dir, 'file'), 'old')

    expect(() => writeWhole(join(dir, 'absent', 'file'), 'new')).toThrow('ENOENT')
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('old')
  })
})
