import { describe, expect, test } from 'vitest'
import { builtBy, claimOf, commitOf, main, minuteMs } from '../testing/samples.ts'
import { type OpenPorts, openScene } from '../testing/scene.ts'

const other = 'refs/heads/other'

export function repositoryStoreContract(name: string, open: OpenPorts): void {
  describe(`${name} is a repository store`, () => {
    test('registered is shown, listed, looked at soon, and its default head is the first entry', async () => {
      const scene = await openScene(open)
      const heads = [
        { ref: main, head: commitOf(1) },
        { ref: other, head: commitOf(2) },
      ]
      const made = await scene.register({ heads, every: 'commit' })
      expect(made).toMatchObject({ slug: 'todo', defaultRef: main, every: 'commit', refs: ['refs/heads/*'] })
      expect(made).toMatchObject({ registeredAt: scene.now.toISOString(), lastHookAt: null, lastSweepAt: null })
      expect(await scene.ports.repositories.get('todo')).toEqual(made)
      expect(await scene.ports.repositories.list()).toEqual([made])
      expect(await scene.entries()).toMatchObject([
        { ref: main, era: 1, commit: commitOf(1), before: null, source: 'registration', state: 'open' },
      ])
      const { payload } = await scene.take('resolve')
      expect(payload).toMatchObject({ repository: made, entry: { commit: commitOf(1) } })
      expect(await scene.findWork('sweep')).toBeUndefined()
      scene.pass(minuteMs)
      const sweep = await scene.take('sweep')
      expect(sweep.payload.heads).toEqual(heads.map((head) => ({ ...head, era: 1 })))
    })

    test('without the default head nothing is stored', async () => {
      const scene = await openScene(open)
      const wanted = scene.register({ heads: [{ ref: other, head: commitOf(2) }] })
      await expect(wanted).rejects.toMatchObject({ code: 'DEFAULT_HEAD_MISSING' })
      expect(await scene.ports.repositories.list()).toEqual([])
      expect(await scene.entries()).toEqual([])
      scene.pass(minuteMs)
      expect(await scene.ports.work.take(['sweep', 'resolve'], 'owner-1', scene.now)).toBeUndefined()
    })

    test('what is not registered is unknown', async () => {
      const { repositories } = (await openScene(open)).ports
      await expect(repositories.get('todo')).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      await expect(repositories.hookSecret('todo')).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      const renewed = repositories.renewHookSecret('todo', new Date())
      await expect(renewed).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      await expect(repositories.remove('todo', 'Ann', new Date())).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
    })

    test.each([
      ['the slug', { slug: 'todo', url: 'https://forge.example/else' }, 'a repository todo'],
      ['the URL in another spelling', { slug: 'again', url: 'git@Forge.example:shop/todo' }, 'this URL'],
      ['the URL with a slash', { slug: 'again', url: 'https://forge.example:443/shop/todo/' }, 'this URL'],
    ])('%s is registered once', async (_what, second, what) => {
      const scene = await openScene(open)
      const first = await scene.register()
      await expect(scene.register(second)).rejects.toMatchObject({
        code: 'REPOSITORY_EXISTS',
        fields: { what, slug: 'todo' },
      })
      expect(await scene.ports.repositories.list()).toEqual([first])
      expect(await scene.entries()).toHaveLength(1)
    })

    test('another slug with another URL is another repository; they are listed by slug', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.register({ slug: 'shop' })
      expect((await scene.ports.repositories.list()).map(({ slug }) => slug)).toEqual(['shop', 'todo'])
      expect(await scene.entries('shop')).toHaveLength(1)
    })

    test('each has a hook secret of its own, and keeps it', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.register({ slug: 'shop' })
      const { repositories } = scene.ports
      const secret = await repositories.hookSecret('todo')
      expect(secret.length).toBeGreaterThan(30)
      expect(await repositories.hookSecret('todo')).toBe(secret)
      expect(await repositories.hookSecret('shop')).not.toBe(secret)
    })

    test('a hook secret is renewed: the one before is gone, that of others stays', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.register({ slug: 'shop' })
      const { repositories } = scene.ports
      const [before, others] = [await repositories.hookSecret('todo'), await repositories.hookSecret('shop')]
      const renewed = await repositories.renewHookSecret('todo', scene.now)
      expect(renewed.length).toBeGreaterThan(30)
      expect(renewed).not.toBe(before)
      expect(await repositories.hookSecret('todo')).toBe(renewed)
      expect(await repositories.hookSecret('shop')).toBe(others)
    })

    test('removed: it is unknown, what waits is killed and skipped, and no work is left', async () => {
      const scene = await openScene(open)
      const queued = await scene.queue()
      const assembling = await scene.start('todo/deploy')
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)

      await expect(scene.ports.repositories.get('todo')).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      expect(await scene.ports.repositories.list()).toEqual([])
      expect(await scene.ports.builds.listPipelines()).toEqual([])
      const reason = { code: 'skipped.removed', args: { who: 'Bob' } }
      expect(await scene.entries()).toMatchObject([{ state: 'skipped', reason }])
      expect(await scene.build(queued)).toMatchObject({ status: 'killed', reason })
      expect(await scene.build(assembling)).toMatchObject({ status: 'killed' })
      expect(await scene.build({ pipeline: '~todo/deploy', number: 1 })).toMatchObject({ status: 'killed' })
      scene.pass(minuteMs)
      const kinds = ['sweep', 'resolve', 'place-build', 'place-meta'] as const
      expect(await scene.ports.work.take(kinds, 'owner-1', scene.now)).toBeUndefined()
    })

    test('removed while an attempt waits for its task: the build is killed and the app has to go', async () => {
      const scene = await openScene(open)
      await scene.queue()
      const placed = await scene.place()
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      expect(await scene.build(placed)).toMatchObject({ status: 'killed', reason: { code: 'skipped.removed' } })
      await expect(scene.ports.attempts.claim(claimOf(placed), scene.now)).rejects.toMatchObject({
        code: 'BUILD_KILLED',
      })
      expect(await scene.remove()).toMatchObject({ appId: placed.appId })
    })

    test('removed while a build runs: it ends by itself', async () => {
      const scene = await openScene(open)
      const { name, placed, answer } = await scene.running()
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      expect(await scene.ports.attempts.claim(claimOf(placed), scene.now)).toMatchObject({ token: answer.token })
      await scene.report(name)
      expect(await scene.build(name)).toMatchObject({ status: 'success' })
    })

    test('removed while a build runs, whose task then dies: it is over, although it could be tried again', async () => {
      const scene = await openScene(open)
      const { name } = await scene.running({ attemptsMax: 3 })
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      await scene.end(name)
      await scene.remove()
      expect(await scene.build(name)).toMatchObject({ status: 'lost' })
      expect(await scene.findWork('place-build')).toBeUndefined()
    })

    test('removed while somebody looks at the remote: what was found changes nothing', async () => {
      const scene = await openScene(open)
      await scene.register()
      scene.pass(minuteMs)
      const sweep = await scene.take('sweep')
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      const known = { head: commitOf(1), era: 1 }
      const seen = { ref: main, known, head: commitOf(2), descends: true, commits: [commitOf(2)] }
      await scene.done(sweep, { observed: [seen], failure: null })
      expect(await scene.entries()).toHaveLength(1)
    })

    test('registered anew: eras and numbers go on, so the same commit is built again', async () => {
      const scene = await openScene(open)
      await scene.queue()
      await scene.resolve(builtBy('todo'))
      const secret = await scene.ports.repositories.hookSecret('todo')
      await scene.ports.secrets.set('todo', 'TOKEN', 'hush', scene.now)
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      scene.pass(minuteMs)
      await scene.register()

      const entry = await scene.resolve(builtBy('todo'))
      expect(entry).toMatchObject({ commit: commitOf(1), era: 2, fates: [{ fate: 'built', build: 3 }] })
      expect(await scene.ports.repositories.hookSecret('todo')).not.toBe(secret)
      expect(await scene.ports.secrets.listNames('todo')).toEqual([])
      const pipelines = await scene.ports.builds.listPipelines()
      expect(pipelines.map(({ pipeline }) => pipeline)).toContain('todo')
    })

    test('registered anew under the same slug with another URL; the old URL is free again', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      await scene.register({ url: 'https://forge.example/other' })
      await scene.register({ slug: 'shop', url: 'https://forge.example/shop/todo.git' })
      expect(await scene.ports.repositories.get('todo')).toMatchObject({ url: 'https://forge.example/other' })
    })

    test('registered anew while somebody still looks for the old one: only the new look counts', async () => {
      const scene = await openScene(open)
      await scene.register()
      scene.pass(minuteMs)
      const old = await scene.take('sweep')
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      await scene.register()
      await scene.done(old, { observed: [], failure: 'the old remote is away' })
      expect(await scene.ports.repositories.get('todo')).toMatchObject({ sweepFailure: null, lastSweepAt: null })
      scene.pass(minuteMs)
      const { payload } = await scene.take('sweep')
      expect(payload.heads).toEqual([{ ref: main, head: commitOf(1), era: 2 }])
    })
  })
}
