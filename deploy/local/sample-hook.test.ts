import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkout } from '../checkout.ts'
import { serveJson } from '../testing/serve-json.ts'
import { tempDir } from '../testing/temp-dir.ts'
import { git } from './git.ts'
import { installHook } from './sample-hook.ts'
import { makeSampleRepository } from './sample-repository.ts'

const me = { GIT_AUTHOR_NAME: 'me', GIT_AUTHOR_EMAIL: 'me@x', GIT_COMMITTER_NAME: 'me', GIT_COMMITTER_EMAIL: 'me@x' }

async function push(url: string): Promise<{ before: string; after: string }> {
  const dir = tempDir()
  await git(dir, ['clone', '--quiet', url, 'clone'])
  const clone = join(dir, 'clone')
  const before = await git(clone, ['rev-parse', 'HEAD'])
  writeFileSync(join(clone, 'new.txt'), 'new')
  await git(clone, ['add', '--all'])
  await git(clone, ['commit', '--quiet', '-m', 'more to do'], me)
  await git(clone, ['push', '--quiet', 'origin', 'HEAD'])
  return { before, after: await git(clone, ['rev-parse', 'HEAD']) }
}

test('a push to the sample is told at once, signed', async () => {
  const url = await makeSampleRepository(checkout, tempDir())
  const platform = await serveJson(() => ({ json: {} }))
  installHook(fileURLToPath(url), { url: `${platform.url}/hooks/generic`, secret: 'hush', repository: 'todo' })

  const { before, after } = await push(url)

  expect(platform.asked.map(({ path }) => path)).toEqual(['/hooks/generic'])
  const [told] = platform.asked
  const body = told?.body ?? ''
  expect(JSON.parse(body)).toEqual({ repository: 'todo', ref: 'refs/heads/main', before, after })
  expect(told?.headers['x-baton-signature']).toBe(`sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`)
})

test('a push while the platform is away succeeds all the same', async () => {
  const url = await makeSampleRepository(checkout, tempDir())
  installHook(fileURLToPath(url), { url: 'http://127.0.0.1:1/hooks/generic', secret: 'hush', repository: 'todo' })

  const { after } = await push(url)

  expect(await git(fileURLToPath(url), ['rev-parse', 'refs/heads/main'])).toBe(after)
})
