import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkout } from '../checkout.ts'
import { tempDir } from '../testing/temp-dir.ts'
import { git } from './git.ts'
import { makeSampleRepository } from './sample-repository.ts'

test('the sample is a bare repository whose one commit is the same everywhere', async () => {
  const [here, there] = [tempDir(), tempDir()]
  const urls = [await makeSampleRepository(checkout, here), await makeSampleRepository(checkout, there)]

  const heads = await Promise.all(urls.map((url) => git(fileURLToPath(url), ['rev-parse', 'refs/heads/main'])))
  expect(heads[0]).toBe(heads[1])

  await git(here, ['clone', '--quiet', urls[0] ?? '', 'clone'])
  expect(readFileSync(join(here, 'clone/pipeline.ts'), 'utf8')).toContain("from '@baton/pipeline'")
})

test('a sample that was pushed to is left as it is', async () => {
  const dir = tempDir()
  const url = await makeSampleRepository(checkout, dir)
  writeFileSync(join(fileURLToPath(url), 'marker'), '')

  await makeSampleRepository(checkout, dir)

  expect(readFileSync(join(fileURLToPath(url), 'marker'), 'utf8')).toBe('')
})
