import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findCommit, listTree } from './commit.ts'
import { openMirror } from './mirror.ts'
import { pruneMirrors } from './mirror-folder.ts'
import { listHeads, listRemote } from './remote.ts'
import { type BareRepository, createBareRepository } from './testing/bare-repository.ts'

let remote: BareRepository
beforeEach(() => {
  remote = createBareRepository()
})
afterEach(() => remote.remove())

const mirrorOf = (url = remote.url) => openMirror(remote.settings, join(remote.dir, 'mirrors'), url)

describe('a remote', () => {
  test('tells its branches, tags and default branch', async () => {
    const first = remote.commit({ 'a.txt': '1' })
    remote.git('tag', '-a', 'v1', '-m', 'one')
    remote.git('push', '-q', 'origin', 'v1')
    const second = remote.commit({ 'a.txt': '2' }, { branch: 'feature/x' })

    const { heads, defaultRef } = await listRemote(remote.settings, remote.url)

    expect(defaultRef).toBe('refs/heads/main')
    expect(Object.fromEntries(heads)).toEqual({
      'refs/heads/main': first,
      'refs/heads/feature/x': second,
      'refs/tags/v1': first,
    })
  })

  test('that is empty has no heads', async () => {
    expect(await listRemote(remote.settings, remote.url)).toEqual({ heads: new Map(), defaultRef: undefined })
  })

  test('that is not there is unreachable, in the words of Git', async () => {
    const missing = listHeads(remote.settings, `file://${remote.dir}/nothing.git`)
    await expect(missing).rejects.toMatchObject({ code: 'REMOTE_UNREACHABLE', message: /does not appear|not exist/ })
    const closed = listHeads(remote.settings, 'http://ann:hush@127.0.0.1:1/x.git')
    await expect(closed).rejects.toMatchObject({
      code: 'REMOTE_UNREACHABLE',
      message: expect.not.stringMatching('hush'),
    })
  })

  test('of this machine is refused where that is not allowed', async () => {
    const settings = { ...remote.settings, allowLocal: false }
    await expect(listHeads(settings, remote.url)).rejects.toMatchObject({ code: 'URL_INVALID' })
  })
})

describe('a mirror', () => {
  test('has a commit after one fetch, and reads it, its tree and what changed', async () => {
    const before = remote.commit({ 'pipeline.ts': 'a', 'src/app.ts': '1', 'pipeline/steps/x.ts': 'x' })
    const commit = remote.commit({ 'src/app.ts': '2', 'ä b.txt': 'x' }, { message: 'make it two\n\nbecause' })
    const mirror = mirrorOf()
    expect(await mirror.hasCommit(commit)).toBe(false)

    await mirror.fetchCommit(commit, 'refs/heads/main')

    const found = await mirror.withObjects(async (objects) => {
      const info = await findCommit(objects, commit)
      return { info, files: await listTree(objects, info?.tree ?? '', (folder) => folder.startsWith('pipeline')) }
    })
    expect(found.info).toMatchObject({ id: commit, author: 'Ann', subject: 'make it two' })
    expect(found.info?.message).toContain('because')
    expect(found.files.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'file pipeline.ts',
      'file pipeline/steps/x.ts',
      'folder src',
      'file ä b.txt',
    ])
    expect(await mirror.changedPaths(before, commit)).toEqual(['src/app.ts', 'ä b.txt'])
    expect(await mirror.isAncestor(before, commit)).toBe(true)
    expect(await mirror.isAncestor(commit, before)).toBe(false)
    expect(await mirror.listCommits(before, commit, 10)).toEqual([commit])
  })

  test('says that a commit nobody has is unknown', async () => {
    remote.commit({ a: '1' })
    const wanted = mirrorOf().fetchCommit('c0ffee'.repeat(7).slice(0, 40), 'refs/heads/main')
    await expect(wanted).rejects.toMatchObject({ code: 'COMMIT_UNKNOWN' })
  })

  // Git's protocol 2 gives any object by its hash; whether a ref still reaches it is another question.
  test('finds a commit whose branch is gone by its hash', async () => {
    remote.commit({ a: '1' })
    const lost = remote.commit({ a: '2' }, { branch: 'gone' })
    remote.git('push', '-q', 'origin', '--delete', 'gone')

    await mirrorOf().fetchCommit(lost, 'refs/heads/gone')

    expect(await mirrorOf().hasCommit(lost)).toBe(true)
  })

  test('follows a branch whose name became a folder, and a rewritten one', async () => {
    const first = remote.commit({ a: '1' }, { branch: 'topic' })
    await mirrorOf().fetchCommit(first, 'refs/heads/topic')
    remote.git('push', '-q', 'origin', '--delete', 'topic')
    remote.git('branch', '-m', 'topic', 'old')
    const second = remote.commit({ a: '2' }, { branch: 'topic/more' })

    await mirrorOf().fetchCommit(second, 'refs/heads/topic/more')

    expect(await mirrorOf().hasCommit(second)).toBe(true)
  })

  test('works on after a Git that was killed left its locks, and after a torn start', async () => {
    const commit = remote.commit({ a: '1' })
    mkdirSync(join(remote.dir, 'mirrors'), { recursive: true })
    await mirrorOf().fetchCommit(commit, 'refs/heads/main')
    const [name] = readdirSync(join(remote.dir, 'mirrors'))
    const moved = join(remote.dir, 'again', name ?? '')
    mkdirSync(join(remote.dir, 'again', `${name}.new`), { recursive: true })
    remote.git('clone', '-q', '--bare', remote.path, moved)
    mkdirSync(join(moved, 'refs/heads'), { recursive: true })
    writeFileSync(join(moved, 'refs/heads/main.lock'), '')
    const next = remote.commit({ a: '2' })

    await openMirror(remote.settings, join(remote.dir, 'again'), remote.url).fetchCommit(next, 'refs/heads/main')

    expect(existsSync(join(moved, 'refs/heads/main.lock'))).toBe(false)
  })

  test('that is damaged is made anew', async () => {
    const first = remote.commit({ a: '1' })
    await mirrorOf().fetchCommit(first, 'refs/heads/main')
    const dir = join(remote.dir, 'mirrors', readdirSync(join(remote.dir, 'mirrors'))[0] ?? '')
    for (const name of readdirSync(join(dir, 'objects/pack'))) {
      rmSync(join(dir, 'objects/pack', name))
      writeFileSync(join(dir, 'objects/pack', name), 'damaged')
    }
    const next = remote.commit({ a: '2' })

    await mirrorOf().fetchCommit(next, 'refs/heads/main')

    expect(await mirrorOf().isAncestor(first, next)).toBe(true)
  })

  test('of a repository that nobody has any more is removed the second time it is missed', async () => {
    const dir = join(remote.dir, 'mirrors')
    await mirrorOf().fetchCommit(remote.commit({ a: '1' }), 'refs/heads/main')
    const none = new Set<string>()
    expect(await pruneMirrors(dir, [remote.url], none)).toEqual(none)
    const absent = await pruneMirrors(dir, [], none)
    expect(readdirSync(dir)).toEqual([...absent])
    expect(await pruneMirrors(dir, [], absent)).toEqual(none)
    expect(readdirSync(dir)).toEqual([])
  })

  test('of a repository with SHA-256 objects is one too, whatever is asked first', async () => {
    const other = createBareRepository({ objectFormat: 'sha256' })
    const head = other.commit({ a: '1' })
    const open = (dir: string) => openMirror(other.settings, join(other.dir, dir), other.url)
    await open('a').fetchCommit(head, 'refs/heads/main')
    await open('b').fetch(['refs/heads/main'])
    expect([head.length, await open('a').hasCommit(head), await open('b').hasCommit(head)]).toEqual([64, true, true])
    other.remove()
  })

  test('takes many at once', async () => {
    const commits = [1, 2, 3, 4, 5].map((n) => remote.commit({ a: `${n}` }))
    await Promise.all(commits.map((commit) => mirrorOf().fetchCommit(commit, 'refs/heads/main')))
    expect(await mirrorOf().listCommits(commits[0] ?? '', commits[4] ?? '', 2)).toEqual(commits.slice(3))
  })
})
