import { join } from 'node:path'
import { type BareRepository, createBareRepository } from '@baton/git/testing'
import type { LedgerEntry, Repository, ResolvePayload, Version } from '@baton/state-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KnownVersions } from '../versions/known-versions.ts'
import { VersionReader } from '../versions/read-versions.ts'
import { type Resolver, resolveEntry } from './resolve.ts'

let remote: BareRepository
let versions: Version[]
const now = new Date('2026-01-02T12:00:00.000Z')
beforeEach(() => {
  remote = createBareRepository()
  versions = []
})
afterEach(() => remote.remove())

const pipeline = "import { pipeline } from '@baton/pipeline'\nexport default pipeline('todo', [])\n"

function resolver(): Resolver {
  return {
    git: remote.settings,
    mirrorsDir: join(remote.dir, 'mirrors'),
    reader: new VersionReader('t1'),
    versions: new KnownVersions({ lookupVersions: async (keys) => versions.filter(({ key }) => keys.includes(key)) }),
    clock: { now: () => now, monotonicMs: () => 0 },
  }
}

function payload(commit: string, more: Partial<LedgerEntry> = {}): ResolvePayload {
  const repository = { slug: 'todo', url: remote.url, refs: ['refs/heads/**'], every: 'head' } as unknown as Repository
  const entry = { id: 1, ref: 'refs/heads/main', commit, before: null, seenAt: now.toISOString(), ...more }
  return { repository, entry: entry as LedgerEntry }
}

const resolve = (commit: string, more?: Partial<LedgerEntry>) => resolveEntry(resolver(), payload(commit, more))
const keyOf = async (commit: string, more?: Partial<LedgerEntry>) =>
  (await resolve(commit, more)).resolutions[0]?.build?.key ?? expect.fail('no key')

describe('a commit', () => {
  test('is resolved for each pipeline file', async () => {
    const commit = remote.commit(
      {
        'pipeline.ts': pipeline,
        'pipelines/deploy.ts': pipeline,
        'pipelines/deploy.test.ts': '',
        'pipelines/_x.ts': '',
      },
      { message: 'two pipelines' },
    )
    const outcome = await resolve(commit)
    expect(outcome).toMatchObject({ info: { author: 'Ann', subject: 'two pipelines' }, whole: null })
    expect(outcome.resolutions.map(({ pipeline, build }) => [pipeline, build?.assembly.entryFile])).toEqual([
      ['todo', 'pipeline.ts'],
      ['todo/deploy', 'pipelines/deploy.ts'],
    ])
    expect(outcome.resolutions[0]?.build).toMatchObject({ firstOfVersion: true, assembly: { install: false } })
  })

  test('without a pipeline is skipped', async () => {
    const commit = remote.commit({ 'README.md': 'x' })
    expect(await resolve(commit)).toMatchObject({ whole: { state: 'skipped', reason: { code: 'skipped.none' } } })
  })

  test.each(['[skip ci]', '[CI SKIP]'])('with %s in its message is skipped', async (mark) => {
    const commit = remote.commit({ 'pipeline.ts': pipeline }, { message: `typo\n\n${mark} please` })
    const whole = { state: 'skipped', reason: { code: 'skipped.ci', args: { mark } } }
    expect(await resolve(commit)).toMatchObject({ whole, info: { subject: 'typo' } })
  })

  test('that its branch does not reach any more is gone', async () => {
    remote.commit({ 'pipeline.ts': pipeline })
    const lost = remote.commit({ a: '1' })
    remote.git('reset', '-q', '--hard', 'HEAD~1')
    remote.commit({ a: '2' })
    expect(await resolve(lost)).toMatchObject({ whole: { state: 'gone', reason: { code: 'skipped.gone' } } })
  })

  test('that was there and is rewritten is gone, one that is only behind is not', async () => {
    const first = remote.commit({ 'pipeline.ts': pipeline })
    const second = remote.commit({ a: '1' })
    const here = resolver()
    expect(await resolveEntry(here, payload(second))).toMatchObject({ whole: null })
    expect(await resolveEntry(here, payload(first))).toMatchObject({ whole: null })
    remote.git('reset', '-q', '--hard', first)
    const third = remote.commit({ a: '3' })
    expect(await resolveEntry(here, payload(third))).toMatchObject({ whole: null })
    expect(await resolveEntry(here, payload(second))).toMatchObject({ whole: { state: 'gone' } })
  })

  test('whose branch was deleted is gone', async () => {
    remote.commit({ 'pipeline.ts': pipeline })
    const commit = remote.commit({ a: '1' }, { branch: 'topic' })
    remote.git('push', '-q', 'origin', '--delete', 'topic')
    expect(await resolve(commit, { ref: 'refs/heads/topic' })).toMatchObject({ whole: { state: 'gone' } })
  })

  test('that nobody has is waited for while the forge may be behind its hook, then gone', async () => {
    const before = remote.commit({ 'pipeline.ts': pipeline })
    const unknown = 'ab'.repeat(20)
    await expect(resolve(unknown, { before })).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' })
    const seenAt = new Date(now.getTime() - 20_000).toISOString()
    expect(await resolve(unknown, { before, seenAt })).toMatchObject({ whole: { state: 'gone' } })
    expect(await resolve(unknown, { before: 'cd'.repeat(20) })).toMatchObject({ whole: { state: 'gone' } })
  })

  test('of a remote that is away is left for later', async () => {
    const commit = remote.commit({ 'pipeline.ts': pipeline })
    const url = `file://${remote.dir}/away.git`
    const asked = payload(commit)
    const away = resolveEntry(resolver(), { ...asked, repository: { ...asked.repository, url } })
    await expect(away).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE' })
  })
})

describe('the version key', () => {
  test('is the same while only the application changes, its lockfile included', async () => {
    const first = remote.commit({ 'pipeline.ts': pipeline, 'package-lock.json': '1', 'src/app.ts': '1' })
    const second = remote.commit({ 'package-lock.json': '2', 'src/app.ts': '2' })
    expect(await keyOf(second)).toBe(await keyOf(first))
  })

  test.each([
    ['pipeline.ts', `${pipeline}//`],
    ['pipeline/steps/a.ts', 'export const a = 1'],
    ['pipelines/other.ts', pipeline],
    ['tsconfig.json', '{}'],
  ])('changes with %s', async (path, content) => {
    const first = remote.commit({ 'pipeline.ts': pipeline })
    const second = remote.commit({ [path]: content })
    expect(await keyOf(second)).not.toBe(await keyOf(first))
  })

  test('changes with the lockfile once the code imports a package', async () => {
    const bare = { 'pipeline.ts': `import './pipeline/a.ts'\n${pipeline}`, 'pipeline/a.ts': "import x from 'left-pad'" }
    const first = remote.commit({ ...bare, 'package-lock.json': '1' })
    const second = remote.commit({ 'package-lock.json': '2' })
    expect(await keyOf(second)).not.toBe(await keyOf(first))
    expect((await resolve(second)).resolutions[0]?.build?.assembly.install).toBe(true)
  })
})

describe('a pipeline that names its paths', () => {
  async function ready(commit: string) {
    const key = await keyOf(commit)
    versions = [{ key, status: 'ready', description: { paths: ['src/**'] } } as unknown as Version]
  }

  test('is skipped when nothing of them changed, and built when something did', async () => {
    const before = remote.commit({ 'pipeline.ts': pipeline, 'src/app.ts': '1' })
    await ready(before)
    const docs = remote.commit({ 'README.md': '2' })
    const code = remote.commit({ 'src/app.ts': '2' })
    expect((await resolve(docs, { before })).resolutions).toMatchObject([
      { build: null, skipped: { code: 'skipped.paths', args: { paths: 'src/**' } } },
    ])
    expect((await resolve(code, { before: docs })).resolutions).toMatchObject([{ build: { firstOfVersion: false } }])
  })

  test('is built when nothing is known of before, or its own code changed', async () => {
    const before = remote.commit({ 'pipeline.ts': pipeline })
    const commit = remote.commit({ 'pipeline.ts': `${pipeline}//` })
    await ready(commit)
    expect((await resolve(commit, { before })).resolutions[0]?.build).not.toBeNull()
    expect((await resolve(commit, { before: null })).resolutions[0]?.build).not.toBeNull()
    expect((await resolve(commit, { before: 'ef'.repeat(20) })).resolutions[0]?.build).not.toBeNull()
  })
})
