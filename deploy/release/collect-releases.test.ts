import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../testing/temp-dir.ts'
import { collectReleases } from './collect-releases.ts'

test('what nothing runs from is removed, unless it is so young that somebody may be making it', async () => {
  const dir = tempDir('releases')
  const now = new Date('2026-01-01T12:00:00Z')
  for (const name of ['kept', 'old', 'young', '.draft-young', '.draft-stale']) mkdirSync(join(dir, name))
  writeFileSync(join(dir, 'inputs-1'), 'kept')
  writeFileSync(join(dir, 'inputs-2'), 'old')
  for (const name of readdirSync(dir)) {
    const at = name.endsWith('young') ? now : 0
    utimesSync(join(dir, name), at, at)
  }

  expect(await collectReleases(dir, new Set(['kept']), now)).toEqual(['old'])

  expect(readdirSync(dir).sort()).toEqual(['.draft-young', 'inputs-1', 'kept', 'young'])
})
