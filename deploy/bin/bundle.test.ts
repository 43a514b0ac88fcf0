import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { tempDir } from '../testing/temp-dir.ts'
import { bundleOf } from './bundle.mjs'

const external = { packages: 'external' } as const

async function loadValue(file: string): Promise<unknown> {
  return ((await import(pathToFileURL(file).href)) as { default: unknown }).default
}

test('a bundle is made when it is stale, and only then', async () => {
  const dir = tempDir('bundle')
  const [entry, part] = [join(dir, 'entry.ts'), join(dir, 'part.ts')]
  writeFileSync(part, `export const word: string = 'one'`)
  writeFileSync(entry, `import { word } from './part.ts'\nexport default word`)

  const first = await bundleOf(entry, external)
  const made = statSync(first).mtimeMs
  expect(await bundleOf(entry, external)).toBe(first)
  expect(statSync(first).mtimeMs).toBe(made)
  expect(await loadValue(first)).toBe('one')

  writeFileSync(part, `export const word: string = 'another'`)
  const second = await bundleOf(entry, external)
  expect(second).not.toBe(first)
  expect(await loadValue(second)).toBe('another')
})

test('a source knows where it lies, though it runs from elsewhere', async () => {
  const dir = tempDir('bundle')
  writeFileSync(join(dir, 'where.ts'), 'export default [import.meta.dirname, import.meta.filename]')

  expect(await loadValue(await bundleOf(join(dir, 'where.ts'), external))).toEqual([dir, join(dir, 'where.ts')])
})

test('a source that does not parse says so, and the next good one is made', async () => {
  const entry = join(tempDir('bundle'), 'entry.ts')
  writeFileSync(entry, 'export default (')
  await expect(bundleOf(entry, external)).rejects.toThrow('entry.ts:1:16')

  writeFileSync(entry, 'export default 1')
  expect(readFileSync(await bundleOf(entry, external), 'utf8')).toContain('default')
})
