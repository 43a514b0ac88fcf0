import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  afterDeath,
  appIdOf,
  backoffMs,
  defineErrors,
  findBuildId,
  globPattern,
  isBatonError,
  isFree,
  isMetaAppId,
  isMetaPipeline,
  isPipelineName,
  isSlug,
  nextLease,
  pipelineOf,
  pulse,
  reason,
  reasonCodes,
  reasons,
  sentenceOf,
  slugOf,
  slugOfPipeline,
} from './index.ts'

const noon = new Date('2026-01-01T12:00:00Z')
const after = (ms: number) => new Date(noon.getTime() + ms)

describe('leases', () => {
  test('the epoch counts the takes, and only a free item may be taken', () => {
    const first = nextLease(undefined, 'a', noon, 30_000)
    expect(isFree(undefined, noon)).toBe(true)
    expect(isFree(first, after(29_999))).toBe(false)
    expect(isFree(first, after(30_000))).toBe(true)
    expect(nextLease(first, 'b', after(30_000), 30_000)).toMatchObject({ owner: 'b', epoch: 2 })
  })

  test('one lost renewal is no alarm, two are, and then it is gone', () => {
    const lease = nextLease(undefined, 'a', noon, 30_000)
    expect([0, 19_000, 21_000, 30_000].map((ms) => pulse(lease, after(ms), 30_000))).toEqual([
      'steady',
      'steady',
      'late',
      'gone',
    ])
  })

  test('backoff grows and stays within its limit', () => {
    fc.assert(
      fc.property(fc.nat(1000), (failures) => {
        expect(backoffMs(failures, 100, 10_000)).toBeLessThanOrEqual(10_000)
        expect(backoffMs(failures + 1, 100, 10_000)).toBeGreaterThanOrEqual(backoffMs(failures, 100, 10_000))
      }),
    )
  })
})

describe('after the death of an attempt', () => {
  const dead = { number: 1, claimed: true, killWanted: false, attemptsMax: 1 }
  test.each([
    ['user code ran and the policy says once: lost', dead, { next: 'over', status: 'lost' }],
    ['the policy allows another', { ...dead, attemptsMax: 2 }, { next: 'attempt' }],
    ['nothing ran yet: again by itself', { ...dead, claimed: false }, { next: 'attempt' }],
    ['three times at most', { ...dead, claimed: false, number: 3 }, { next: 'over', status: 'lost' }],
    ['somebody wanted it killed', { ...dead, claimed: false, killWanted: true }, { next: 'over', status: 'killed' }],
  ])('%s', (_, attempt, wanted) => expect(afterDeath(attempt)).toEqual(wanted))
})

describe('names', () => {
  test.each([
    ['https://forge.example/shop/Todo_App.git', 'todo-app'],
    ['git@forge.example:shop/todo.git/', 'todo'],
    ['file:///srv/git/--x--.git', 'x'],
    ['https://forge.example/日本', 'repository'],
  ])('%s is called %s', (url, slug) => expect(slugOf(url)).toBe(slug))

  test('whatever the URL, the slug is one', () => {
    fc.assert(fc.property(fc.string(), (url) => isSlug(slugOf(url))))
  })

  test('a file names its pipeline, and a pipeline its repository', () => {
    expect(pipelineOf('todo', 'pipeline.ts')).toBe('todo')
    expect(pipelineOf('todo', 'pipelines/deploy.ts')).toBe('todo/deploy')
    expect(['todo', 'todo/deploy', '~todo/deploy'].map(slugOfPipeline)).toEqual(['todo', 'todo', 'todo'])
  })

  test('builds are written as people write them', () => {
    expect(findBuildId('todo/deploy#12')).toEqual({ pipeline: 'todo/deploy', number: 12 })
    for (const wrong of ['todo', 'todo#', '#1', 'To do#1', 'todo#-1', `${'x'.repeat(200)}#1`]) {
      expect(findBuildId(wrong), wrong).toBeUndefined()
    }
  })

  test('no two attempts share an app id, and Marathon takes each', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,12}(-[a-z0-9]{1,6}){0,2}$/)
    const name = fc
      .tuple(fc.constantFrom('', '~'), word, fc.option(word, { nil: undefined }))
      .map(([meta, slug, pipeline]) => meta + slug + (pipeline === undefined ? '' : `/${pipeline}`))
    const attempt = fc.tuple(name, fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 1, max: 9 }))
    fc.assert(
      fc.property(attempt, attempt, (x, y) => {
        const [one, other] = [appIdOf('abc123', ...x), appIdOf('abc123', ...y)]
        expect(one === other).toBe(x.join() === y.join())
        expect(one).toMatch(/^\/baton-builds\/[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
        expect(one.length).toBeLessThanOrEqual('/baton-builds/'.length + 54)
        expect(isPipelineName(x[0])).toBe(true)
        expect(isMetaAppId('abc123', one)).toBe(isMetaPipeline(x[0]))
      }),
    )
  })
})

describe('globs', () => {
  test.each([
    ['refs/heads/*', 'refs/heads/main', true],
    ['refs/heads/*', 'refs/heads/fix/a', false],
    ['refs/heads/**', 'refs/heads/fix/a', true],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**/*.ts', 'src/a/b/c.ts', true],
    ['src/?.ts', 'src/ab.ts', false],
    ['a+b(c).txt', 'a+b(c).txt', true],
  ])('%s on %s: %s', (glob, text, wanted) => expect(globPattern(glob).test(text)).toBe(wanted))
})

describe('reasons', () => {
  test('every code has a sentence that ends, and its arguments are filled in', () => {
    for (const code of reasonCodes) {
      const names = [...reasons[code].matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
      const filled = sentenceOf(reason(code, Object.fromEntries(names.map((name) => [name, 'x']))))
      expect(filled, code).not.toMatch(/[{}]/)
    }
  })

  test('an unknown code shows itself', () => {
    expect(sentenceOf({ code: 'new.thing', args: {} })).toContain('new.thing')
  })
})

describe('errors', () => {
  const errors = defineErrors({
    BUILD_UNKNOWN: { kind: 'missing', says: 'there is no build {number} of {pipeline}', hint: 'see builds {pipeline}' },
    BUSY: { kind: 'unavailable', says: 'not now' },
  })

  test('a no carries its code, kind, sentence, fields and hint', () => {
    const error = errors.BUILD_UNKNOWN({ pipeline: 'todo', number: 7 })
    expect(error).toMatchObject({ code: 'BUILD_UNKNOWN', status: 404, message: 'there is no build 7 of todo' })
    expect(error.hint).toBe('see builds todo')
    expect(isBatonError(error, 'BUILD_UNKNOWN')).toBe(true)
    expect(isBatonError(new Error('x'))).toBe(false)
  })

  test('the cause is kept', () => {
    const cause = new Error('socket')
    expect(errors.BUSY(cause).cause).toBe(cause)
  })
})
