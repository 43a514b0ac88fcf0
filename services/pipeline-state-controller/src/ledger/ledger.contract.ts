import { describe, expect, test } from 'vitest'
import { commitOf, main, minuteMs, secondMs } from '../testing/samples.ts'
import { type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const [a, b, c, d] = [1, 2, 3, 4].map(commitOf) as [string, string, string, string]

/** Ref, era and commit of the entries, the oldest first. */
const told = async (scene: Scene) =>
  (await scene.entries()).map(({ ref, era, commit }) => `${ref.slice('refs/heads/'.length)} ${era} ${Number(commit)}`)

export function ledgerContract(name: string, open: OpenPorts): void {
  const registered = async (): Promise<Scene> => {
    const scene = await openScene(open)
    await scene.register()
    return scene
  }

  describe(`${name} is a ledger`, () => {
    test('a hook that continues the head is an entry and moves the head; nobody has to look', async () => {
      const scene = await registered()
      scene.pass(minuteMs)
      expect(await scene.push(a, b)).toEqual({
        known: false,
        entries: [{ id: expect.any(Number), ref: main, commit: b }],
        look: false,
      })
      expect(await scene.push(b, c)).toMatchObject({ known: false, look: false })
      const [, second] = await scene.entries()
      expect(second).toMatchObject({ era: 1, commit: b, before: a, source: 'hook', state: 'open', fates: [] })
      expect(second?.seenAt).toBe(scene.now.toISOString())
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2', 'main 1 3'])
      expect((await scene.ports.repositories.get('todo')).lastHookAt).toBe(scene.now.toISOString())
    })

    test('a hook for what is not registered is refused', async () => {
      const scene = await openScene(open)
      await expect(scene.push(a, b)).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      await expect(scene.ports.ledger.look('todo', scene.now)).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      expect(await scene.entries()).toEqual([])
    })

    test('a redelivered hook changes nothing, however late it comes; the remote is asked', async () => {
      const scene = await registered()
      await scene.push(a, b, { id: 'one' })
      await scene.push(b, c)
      expect(await scene.push(a, b, { id: 'one' })).toEqual({ known: true, entries: [], look: true })
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2', 'main 1 3'])
      expect(await scene.push(c, d)).toMatchObject({ look: false })
    })

    test('the same push told by a second hook of the forge changes nothing; the remote is asked', async () => {
      const scene = await registered()
      await scene.push(a, b, { digest: 'same' })
      expect(await scene.findWork('sweep')).toBeUndefined()
      expect(await scene.push(a, b, { digest: 'same' })).toEqual({ known: true, entries: [], look: true })
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2'])
      await scene.take('sweep')
    })

    test('a delivery of one repository is not known to another', async () => {
      const scene = await registered()
      await scene.register({ slug: 'shop' })
      await scene.push(a, b, { id: 'one', digest: 'same' })
      const changes = [{ ref: main, before: a, after: b }]
      const answer = await scene.ports.ledger.deliver('shop', { id: 'one', digest: 'same', changes }, scene.now)
      expect(answer).toMatchObject({ known: false, entries: [{ commit: b }] })
    })

    test('hooks that overtake each other are an entry each, and the head moves on only', async () => {
      const scene = await registered()
      expect(await scene.push(b, c)).toMatchObject({ entries: [{ commit: c }], look: true })
      expect(await scene.push(a, b)).toMatchObject({ entries: [{ commit: b }], look: false })
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 3', 'main 1 2'])
      const { payload } = await scene.take('sweep')
      expect(payload.heads).toEqual([{ ref: main, head: b, era: 1 }])
    })

    test('a late hook is an entry and moves nothing back', async () => {
      const scene = await registered()
      await scene.push(a, c)
      expect(await scene.push(a, b)).toMatchObject({ entries: [{ commit: b }], look: true })
      expect((await scene.take('sweep')).payload.heads).toEqual([{ ref: main, head: c, era: 1 }])
    })

    test('a hook with a commit that the ref had is no entry: only the remote knows whether it went back', async () => {
      const scene = await registered()
      await scene.push(a, b)
      expect(await scene.push(b, a)).toEqual({ known: false, entries: [], look: true })
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2'])
    })

    test('a deleted ref is no entry; made again it is one of the next era, with the same commit too', async () => {
      const scene = await registered()
      const ref = 'refs/heads/topic'
      await scene.push(null, b, { ref })
      expect(await scene.push(b, null, { ref })).toEqual({ known: false, entries: [], look: true })
      const { payload } = await scene.take('sweep')
      expect(payload.heads).toContainEqual({ ref, head: null, era: 1 })
      expect(await scene.push(null, c, { ref })).toMatchObject({ entries: [{ commit: c }], look: false })
      expect(await told(scene)).toEqual(['main 1 1', 'topic 1 2', 'topic 2 3'])
    })

    test('one hook may tell of many refs', async () => {
      const scene = await registered()
      const changes = [
        { ref: main, before: a, after: b },
        { ref: 'refs/heads/topic', before: null, after: b },
      ]
      expect((await scene.push(null, null, { changes })).entries).toHaveLength(2)
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2', 'topic 1 2'])
    })

    test('a ref that is not built is an entry that is skipped, with the reason, and no work', async () => {
      const scene = await openScene(open)
      await scene.register({ refs: ['refs/heads/release-*', 'refs/tags/v*'] })
      await scene.take('resolve')
      await scene.push(null, b, { ref: 'refs/heads/topic' })
      const reason = {
        code: 'skipped.ref',
        args: { ref: 'refs/heads/topic', patterns: 'refs/heads/release-*, refs/tags/v*' },
      }
      expect((await scene.entries()).at(-1)).toMatchObject({ commit: b, state: 'skipped', reason })
      expect(await scene.findWork('resolve')).toBeUndefined()
    })

    test('the default ref, and a ref that matches, are built', async () => {
      const scene = await openScene(open)
      await scene.register({ refs: ['refs/heads/release-*'] })
      await scene.push(a, b)
      await scene.push(null, c, { ref: 'refs/heads/release-1' })
      expect((await scene.entries()).map(({ state }) => state)).toEqual(['open', 'open', 'open'])
    })

    test('a look is due at once; many within a second are one', async () => {
      const scene = await registered()
      await scene.ports.ledger.look('todo', scene.now)
      await scene.ports.ledger.look('todo', scene.pass(10))
      const first = await scene.take('sweep')
      await scene.done(first, { observed: [], failure: null })
      await scene.ports.ledger.look('todo', scene.pass(10))
      await scene.ports.ledger.look('todo', scene.pass(10))
      expect(await scene.findWork('sweep')).toBeUndefined()
      scene.pass(secondMs)
      await scene.done(await scene.take('sweep'), { observed: [], failure: null })
      expect(await scene.findWork('sweep')).toBeUndefined()
    })

    test('entries are paged, the newest first', async () => {
      const scene = await registered()
      await scene.register({ slug: 'shop' })
      await scene.push(a, b)
      await scene.push(b, c)
      const { ledger } = scene.ports
      const commits = (entries: { commit: string }[]) => entries.map(({ commit }) => commit)
      const page = await ledger.listEntries({ repository: 'todo', limit: 2 })
      expect(commits(page)).toEqual([c, b])
      const before = page.at(-1)?.id
      expect(commits(await ledger.listEntries({ repository: 'todo', limit: 2, before }))).toEqual([a])
      expect(await ledger.listEntries({ limit: 10 })).toHaveLength(4)
      expect(await ledger.listEntries({ repository: 'nobody', limit: 10 })).toEqual([])
    })
  })
}
