import { describe, expect, test } from 'vitest'
import { assemblyOf, builtBy, commitOf, info, keyOf, main, minuteMs } from '../testing/samples.ts'
import { type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const [a, b, c] = [1, 2, 3].map(commitOf) as [string, string, string]
const waitsVersion = { code: 'waits.version', args: {} }
const skippedPaths = { code: 'skipped.paths', args: { paths: 'deploy/**' } } as const

/** What becomes of a ledger entry, once somebody says what it means for each pipeline. */
export function resolveContract(name: string, open: OpenPorts): void {
  const registered = async (): Promise<Scene> => {
    const scene = await openScene(open)
    await scene.register()
    return scene
  }
  const outcome = (...resolutions: ReturnType<typeof builtBy>[]) => ({ info, resolutions, whole: null })

  describe(`${name} resolves entries`, () => {
    test('built: the build has the number, the commit and the reason that the entry tells of', async () => {
      const scene = await registered()
      const entry = await scene.resolve(builtBy('todo'))
      expect(entry).toMatchObject({ state: 'resolved', reason: null })
      expect(entry.fates).toEqual([
        { pipeline: 'todo', fate: 'built', build: 1, buildStatus: 'assembling', reason: waitsVersion },
      ])
      const build = await scene.build({ pipeline: 'todo', number: 1 })
      expect(build).toMatchObject({ repository: 'todo', commit: a, ref: main, entry: entry.id, ...info })
      expect(build.cause).toEqual({ code: 'ran.registered', args: { hash: a.slice(0, 7), ref: main } })
      expect(await scene.findWork('resolve')).toBeUndefined()
    })

    test('a build says whether a push, or the sweep, brought it', async () => {
      const scene = await registered()
      await scene.resolve(builtBy('todo'))
      await scene.push(a, b)
      await scene.resolve(builtBy('todo'))
      await scene.ports.ledger.look('todo', scene.pass(minuteMs))
      const seen = { ref: main, known: { head: b, era: 1 }, head: c, descends: true, commits: [c] }
      await scene.done(await scene.take('sweep'), { observed: [seen], failure: null })
      await scene.resolve(builtBy('todo'))
      const causes = (await scene.ports.builds.list({ pipeline: 'todo', limit: 9 })).map(({ cause }) => cause)
      expect(causes.slice(0, 2)).toEqual([
        { code: 'ran.sweep', args: { time: scene.now.toISOString() } },
        { code: 'ran.push', args: { author: 'Ann', hash: b.slice(0, 7), ref: main } },
      ])
    })

    test('skipped: the fate says why, and no build has a number', async () => {
      const scene = await registered()
      const entry = await scene.resolve({ pipeline: 'todo', build: null, skipped: skippedPaths })
      expect(entry.fates).toEqual([
        { pipeline: 'todo', fate: 'skipped', build: null, buildStatus: null, reason: skippedPaths },
      ])
      expect(await scene.ports.builds.list({ limit: 9 })).toEqual([])
    })

    test('two pipelines have a fate each', async () => {
      const scene = await registered()
      const entry = await scene.resolve(builtBy('todo'), builtBy('todo/deploy'), {
        pipeline: 'todo/docs',
        build: null,
        skipped: skippedPaths,
      })
      const fates = entry.fates.map(({ pipeline, fate, build }) => [pipeline, fate, build])
      expect(fates).toEqual([
        ['todo', 'built', 1],
        ['todo/deploy', 'built', 1],
        ['todo/docs', 'skipped', null],
      ])
    })

    test('a pipeline that is named twice is built once', async () => {
      const scene = await registered()
      const entry = await scene.resolve(builtBy('todo'), builtBy('todo'))
      expect(entry.fates).toHaveLength(1)
      expect(await scene.ports.builds.list({ pipeline: 'todo', limit: 9 })).toHaveLength(1)
    })

    test.each([
      ['skipped', { code: 'skipped.none', args: { hash: '0000000' } }],
      ['gone', { code: 'skipped.gone', args: { hash: '0000000', ref: main } }],
    ] as const)('as a whole it may be %s, with the reason', async (state, reason) => {
      const scene = await registered()
      const work = await scene.take('resolve')
      await scene.done(work, { info: null, resolutions: [], whole: { state, reason } })
      expect(await scene.entries()).toMatchObject([{ state, reason, fates: [] }])
      expect(await scene.findWork('resolve')).toBeUndefined()
    })

    test.each([
      ['another repository', builtBy('shop'), 'PIPELINE_FOREIGN'],
      ['the meta-pipeline', { ...builtBy('todo'), pipeline: '~todo' }, 'PIPELINE_FOREIGN'],
      [
        'an assembly of another key',
        { ...builtBy('todo'), build: { key: keyOf(1), assembly: assemblyOf('todo', keyOf(2)), firstOfVersion: true } },
        'ASSEMBLY_WRONG',
      ],
      [
        'an assembly of another pipeline',
        { ...builtBy('todo'), build: builtBy('todo/deploy').build },
        'ASSEMBLY_WRONG',
      ],
    ])('%s is refused, and nothing of the outcome is stored', async (_what, wrong, code) => {
      const scene = await registered()
      await scene.register({ slug: 'shop' })
      const work = await scene.take('resolve')
      await expect(scene.done(work, outcome(builtBy('todo/deploy'), wrong))).rejects.toMatchObject({ code })
      expect(await scene.entries('todo')).toMatchObject([{ state: 'open', fates: [] }])
      expect(await scene.ports.builds.list({ limit: 9 })).toEqual([])
      await scene.done(work, outcome(builtBy('todo')))
      expect(await scene.entries('todo')).toMatchObject([{ state: 'resolved' }])
    })

    test('the entries of one ref are resolved one after the other, those of two refs side by side', async () => {
      const scene = await registered()
      await scene.push(a, b)
      await scene.push(null, c, { ref: 'refs/heads/topic' })
      const first = await scene.take('resolve')
      const topic = await scene.take('resolve')
      expect([first, topic].map(({ payload }) => payload.entry.commit)).toEqual([a, c])
      expect(await scene.findWork('resolve')).toBeUndefined()
      await scene.done(topic, outcome(builtBy('todo')))
      expect(await scene.findWork('resolve')).toBeUndefined()
      await scene.done(first, outcome(builtBy('todo')))
      expect((await scene.take('resolve')).payload.entry.commit).toBe(b)
    })

    test('one that was given back holds up those after it, and is resolved first', async () => {
      const scene = await registered()
      await scene.push(a, b)
      const first = await scene.take('resolve')
      await scene.ports.work.release(first.id, first.epoch, minuteMs, 'the forge is away', scene.now)
      expect(await scene.findWork('resolve')).toBeUndefined()
      expect(await scene.ports.work.nextDueAt(['resolve'], scene.now)).toBe(scene.now.getTime() + minuteMs)
      scene.pass(minuteMs)
      expect((await scene.take('resolve')).payload.entry.commit).toBe(a)
    })

    test('told twice it is one build; told by whoever lost it meanwhile it is refused', async () => {
      const scene = await registered()
      const slow = await scene.take('resolve')
      scene.pass(minuteMs)
      const second = await scene.take('resolve', 'owner-2')
      await expect(scene.done(slow, outcome(builtBy('todo')))).rejects.toMatchObject({ code: 'WORK_MOVED_ON' })
      await scene.done(second, outcome(builtBy('todo')))
      await scene.done(second, outcome(builtBy('todo')))
      expect(await scene.ports.builds.list({ pipeline: 'todo', limit: 9 })).toHaveLength(1)
    })

    test('what is no outcome is refused, and the work is still there', async () => {
      const scene = await registered()
      const { id, epoch } = await scene.take('resolve')
      for (const wrong of [undefined, null, {}, { observed: [], failure: null }]) {
        const done = scene.ports.work.done(id, epoch, wrong, scene.now)
        await expect(done).rejects.toMatchObject({ code: 'OUTCOME_INVALID', fields: { kind: 'resolve' } })
      }
      await scene.ports.work.done(id, epoch, outcome(builtBy('todo')), scene.now)
    })
  })
}
