import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../testing/run-command.ts'
import { tempDir } from '../../testing/temp-dir.ts'

test('a first pipeline.ts runs what package.json names', async () => {
  const cwd = tempDir()
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { test: 'x', build: 'y', start: 'z' } }))
  writeFileSync(join(cwd, 'package-lock.json'), '{}')

  expect((await runCommand(['init'], { cwd })).code).toBe(0)

  const names = [...readFileSync(join(cwd, 'pipeline.ts'), 'utf8').matchAll(/step\('(\w+)'/g)].map(([, name]) => name)
  expect(names).toEqual(['install', 'build', 'test'])
})

test('one that is there is left as it is', async () => {
  const cwd = tempDir()
  writeFileSync(join(cwd, 'pipeline.ts'), 'mine')

  expect(await runCommand(['init'], { cwd })).toMatchObject({ code: 4, err: expect.stringContaining('FILE_EXISTS') })
  expect(readFileSync(join(cwd, 'pipeline.ts'), 'utf8')).toBe('mine')
})
