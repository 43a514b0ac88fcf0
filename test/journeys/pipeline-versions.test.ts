import { sentenceOf } from '@baton/model'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stepOf } from '../platform/builds.ts'
import { pipelineCode } from '../platform/pipeline-code.ts'
import type { Repository } from '../platform/repository.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'

let platform: StartedPlatform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform?.stop())

const says = (word: string, options = '') => pipelineCode(['checkout()', `step('says', sh\`echo ${word}\`)`], options)
const lockfile = (version: string) => JSON.stringify({ name: 'shop', version, lockfileVersion: 3, packages: {} })

describe('the version of a pipeline', () => {
  let shop: Repository
  beforeAll(async () => {
    shop = await platform.repository('shop', {
      'pipeline.ts': says('one'),
      'package.json': '{"name":"shop"}',
      'package-lock.json': lockfile('1'),
      'src/app.js': '1',
    })
  })

  test('is reused by a commit that changes the application alone, its lockfile included', async () => {
    const first = await platform.becomes(await platform.buildOf(shop, shop.firstCommit), 'success')

    const commit = await shop.push({ 'src/app.js': '2', 'package-lock.json': lockfile('2') })

    const build = await platform.becomes(await platform.buildOf(shop, commit), 'success')
    expect(build.versionKey).toBe(first.versionKey)
    expect(await platform.outputOf(build, 'says')).toBe('one\n')
    expect(await platform.state.listBuilds({ pipeline: '~shop' })).toHaveLength(1)
  })

  test('is a new one for a commit that changes pipeline.ts, which is built by it', async () => {
    const before = await platform.buildOf(shop, shop.firstCommit)

    const commit = await shop.push({ 'pipeline.ts': says('two') })

    const build = await platform.becomes(await platform.buildOf(shop, commit), 'success')
    expect(build.versionKey).not.toBe(before.versionKey)
    expect(await platform.outputOf(build, 'says')).toBe('two\n')
    const [meta] = await platform.state.listBuilds({ pipeline: '~shop' })
    expect(meta).toMatchObject({ number: 2, commit, status: 'success' })
  })

  test('that was there before is found again: going back assembles nothing', async () => {
    const before = await platform.buildOf(shop, shop.firstCommit)

    const commit = await shop.push({ 'pipeline.ts': says('one') })

    const build = await platform.becomes(await platform.buildOf(shop, commit), 'success')
    expect(build.versionKey).toBe(before.versionKey)
    expect(await platform.outputOf(build, 'says')).toBe('one\n')
    expect(await platform.state.listBuilds({ pipeline: '~shop' })).toHaveLength(2)
  })
})

describe('a pipeline.ts that does not compile', () => {
  const broken = `${says('never')}\nexport const wrong: number = 'a text'\n`

  test('gives a red meta-build with the words of the compiler, and the ledger says so', async () => {
    const repository = await platform.repository('broken', { 'pipeline.ts': says('fine') })
    await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'success')

    const commit = await repository.push({ 'pipeline.ts': broken })

    const complaint = "Type 'string' is not assignable to type 'number'"
    const meta = await platform.becomes(await platform.buildOf(repository, commit, '~broken'), 'failure')
    expect(stepOf(meta, 'type-check').status).toBe('failure')
    expect(await platform.outputOf(meta, 'type-check')).toMatch(/pipeline\.ts\(\d+,\d+\): error TS2322/)
    const build = await platform.becomes(await platform.buildOf(repository, commit), 'failure')
    expect(build.reason).toMatchObject({ code: 'failure.version' })
    expect(sentenceOf((build.reason ?? expect.fail('no reason')) as never)).toContain(complaint)
    expect(build.attempts).toEqual([])
    const { fates } = await platform.entryOf(repository, commit)
    expect(fates).toMatchObject([{ pipeline: 'broken', build: build.number, buildStatus: 'failure' }])
    expect(JSON.stringify(fates[0]?.reason)).toContain(complaint)
    await platform.isGone(meta)
  })

  test('that is mended is built again', async () => {
    const repository = await platform.repository('mended', { 'pipeline.ts': broken })
    await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'failure')

    const commit = await repository.push({ 'pipeline.ts': says('mended') })

    const build = await platform.becomes(await platform.buildOf(repository, commit), 'success')
    expect(await platform.outputOf(build, 'says')).toBe('mended\n')
  })
})

describe('several pipelines in one repository', () => {
  test('are built side by side, each by its own file; paths say which commits concern it', async () => {
    const repository = await platform.repository('many', {
      'pipeline.ts': says('everything'),
      'pipelines/docs.ts': says('docs', "paths: ['docs/**']"),
      'docs/index.md': '1',
      'src/app.js': '1',
    })
    for (const [pipeline, word] of [['many', 'everything'] as const, ['many/docs', 'docs'] as const]) {
      const first = await platform.buildOf(repository, repository.firstCommit, pipeline)
      expect(await platform.outputOf(await platform.becomes(first, 'success'), 'says')).toBe(`${word}\n`)
    }

    const code = await repository.push({ 'src/app.js': '2' })
    await platform.becomes(await platform.buildOf(repository, code), 'success')
    const docs = await repository.push({ 'docs/index.md': '2' })
    await platform.becomes(await platform.buildOf(repository, docs, 'many/docs'), 'success')

    expect((await platform.entryOf(repository, code)).fates).toMatchObject([
      { pipeline: 'many', fate: 'built' },
      { pipeline: 'many/docs', fate: 'skipped', build: null, reason: { code: 'skipped.paths' } },
    ])
    expect((await platform.entryOf(repository, docs)).fates).toMatchObject([
      { pipeline: 'many', fate: 'built' },
      { pipeline: 'many/docs', fate: 'built', build: 2 },
    ])
    expect(await platform.state.listBuilds({ pipeline: 'many/docs' })).toHaveLength(2)
  })
})

describe('a commit that is not to be built', () => {
  test('says so in its message, and the ledger says why', async () => {
    const repository = await platform.repository('skips', { 'pipeline.ts': says('hello') })

    const skipped = await repository.push({ 'README.md': '1' }, { message: 'a word [skip ci]' })
    const without = await repository.push({ 'pipeline.ts': null })

    expect(await platform.entryOf(repository, skipped)).toMatchObject({
      state: 'skipped',
      reason: { code: 'skipped.ci' },
    })
    expect(await platform.entryOf(repository, without)).toMatchObject({
      state: 'skipped',
      reason: { code: 'skipped.none' },
    })
    expect(await platform.state.listBuilds({ repository: 'skips', commit: skipped })).toEqual([])
    expect(await platform.state.listBuilds({ repository: 'skips', commit: without })).toEqual([])
  })
})
