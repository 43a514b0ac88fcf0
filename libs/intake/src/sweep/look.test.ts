import { join } from 'node:path'
import { type BareRepository, createBareRepository } from '@baton/git/testing'
import type { SweepPayload } from '@baton/state-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listChanges, lookAt } from './look.ts'

let remote: BareRepository
beforeEach(() => {
  remote = createBareRepository()
})
afterEach(() => remote.remove())

type Heads = SweepPayload['heads']

function look(heads: Heads, more: { url?: string; every?: 'head' | 'commit' } = {}) {
  const repository = { slug: 'todo', url: remote.url, every: 'head', ...more } as SweepPayload['repository']
  return lookAt({ git: remote.settings, mirrorsDir: join(remote.dir, 'mirrors') }, { repository, heads })
}
const main = (head: string | null, era = 1): Heads => [{ ref: 'refs/heads/main', head, era }]

test('nothing moved', async () => {
  const head = remote.commit({ a: '1' })
  expect(await look(main(head))).toEqual({ observed: [], failure: null })
})

test('a head that moved on descends from the known one; every commit between is told if wanted', async () => {
  const first = remote.commit({ a: '1' })
  const second = remote.commit({ a: '2' })
  const third = remote.commit({ a: '3' })
  const known = { head: first, era: 1 }
  const observed = { ref: 'refs/heads/main', known, head: third, descends: true }
  expect(await look(main(first))).toEqual({ observed: [{ ...observed, commits: [third] }], failure: null })
  const all = await look(main(first), { every: 'commit' })
  expect(all.observed).toEqual([{ ...observed, commits: [second, third] }])
})

test('a rewritten head does not descend, also when its old commit was never fetched', async () => {
  const base = remote.commit({ a: '1' })
  const lost = remote.commit({ a: '2' })
  remote.git('reset', '-q', '--hard', base)
  const head = remote.commit({ a: '3' })
  for (const every of ['head', 'commit'] as const) {
    expect((await look(main(lost), { every })).observed).toMatchObject([{ head, descends: false, commits: [head] }])
  }
})

test('a head that moved back does not descend', async () => {
  const base = remote.commit({ a: '1' })
  const later = remote.commit({ a: '2' })
  remote.git('push', '-q', '--force', 'origin', `${base}:main`)
  expect((await look(main(later))).observed).toMatchObject([{ head: base, descends: false }])
})

test('a branch is new, deleted, or made again', async () => {
  const head = remote.commit({ a: '1' })
  expect((await look([])).observed).toEqual([
    { ref: 'refs/heads/main', known: null, head, descends: false, commits: [head] },
  ])
  const gone = { ref: 'refs/heads/gone', head, era: 2 }
  expect((await look([...main(head), gone])).observed).toEqual([
    { ref: gone.ref, known: { head, era: 2 }, head: null, descends: false, commits: [] },
  ])
  expect((await look(main(null, 4))).observed).toMatchObject([{ known: { head: null, era: 4 }, head }])
})

test('a remote that is away is a failure in words, and changes nothing', async () => {
  const outcome = await look(main('a'.repeat(40)), { url: `file://${remote.dir}/away.git` })
  expect(outcome).toMatchObject({ observed: [], failure: expect.stringContaining('away.git') })
})

test('refs with names that cannot be kept are passed over, and too many are left for the next look', () => {
  const heads = new Map([...Array(1500)].map((_, n) => [`refs/heads/b${n}`, 'a'.repeat(40)]))
  expect(listChanges([], heads)).toHaveLength(1000)
  expect(listChanges([], new Map([['refs/heads/a\u00a0b', 'a'.repeat(40)]]))).toEqual([])
})
