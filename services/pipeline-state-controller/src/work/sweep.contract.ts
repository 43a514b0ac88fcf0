import type { Observed } from '@baton/state-client'
import { describe, expect, test } from 'vitest'
import { commitOf, hourMs, main, minuteMs } from '../testing/samples.ts'
import { type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const [a, b, c, d] = [1, 2, 3, 4].map(commitOf) as [string, string, string, string]
const topic = 'refs/heads/topic'

/** Ref, era and commit of the entries, the oldest first. */
const told = async (scene: Scene) =>
  (await scene.entries()).map(({ ref, era, commit }) => `${ref.slice('refs/heads/'.length)} ${era} ${Number(commit)}`)

/** What a look found: `head` against what was known. */
const saw = (known: [head: string | null, era: number] | null, head: string | null, more: Partial<Observed> = {}) => ({
  ref: main,
  known: known && { head: known[0], era: known[1] },
  head,
  descends: true,
  commits: head === null ? [] : [head],
  ...more,
})

/** Looks at the remote, due or not. */
async function sweep(scene: Scene, observed: Observed[], failure: string | null = null): Promise<void> {
  await scene.ports.ledger.look('todo', scene.pass(hourMs))
  await scene.done(await scene.take('sweep'), { observed, failure })
}

/** What a look at a remote does to the ledger. */
export function sweepContract(name: string, open: OpenPorts): void {
  const registered = async (every: 'head' | 'commit' = 'head'): Promise<Scene> => {
    const scene = await openScene(open)
    await scene.register({ every })
    return scene
  }

  describe(`${name} applies what a sweep found`, () => {
    test('a head that moved on is one entry and the new head; seen again it is nothing', async () => {
      const scene = await registered()
      await sweep(scene, [saw([a, 1], c, { commits: [b, c] })])
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 3'])
      expect((await scene.entries()).at(-1)).toMatchObject({ source: 'sweep', before: a, state: 'open' })
      await sweep(scene, [saw([c, 1], c)])
      await sweep(scene, [])
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 3'])
      expect(await scene.push(c, d)).toMatchObject({ look: false })
    })

    test('every: commit is an entry for each commit since, each after the one before', async () => {
      const scene = await registered('commit')
      await scene.push(a, b)
      await sweep(scene, [saw([b, 1], d, { commits: [c, d] })])
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2', 'main 1 3', 'main 1 4'])
      expect((await scene.entries()).slice(2).map(({ before }) => before)).toEqual([b, c])
    })

    test('every: commit of a rewritten history, or of commits that do not lead to the head, is the head alone', async () => {
      const scene = await registered('commit')
      await sweep(scene, [saw([a, 1], c, { descends: false, commits: [b, c] })])
      await sweep(scene, [saw([c, 2], d, { commits: [d, b] })])
      expect(await told(scene)).toEqual(['main 1 1', 'main 2 3', 'main 2 4'])
    })

    test('a head that moved while somebody looked is left alone, and looked at again at once', async () => {
      const scene = await registered()
      await scene.ports.ledger.look('todo', scene.now)
      const late = await scene.take('sweep')
      await scene.push(a, b)
      await scene.done(late, { observed: [saw([a, 1], c, { descends: false })], failure: null })
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2'])
      const again = await scene.take('sweep')
      expect(again.payload.heads).toEqual([{ ref: main, head: b, era: 1 }])
      await scene.done(again, { observed: [saw([b, 1], c)], failure: null })
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2', 'main 1 3'])
      expect(await scene.findWork('sweep')).toBeUndefined()
    })

    test('a look that is asked for while somebody looks follows right after', async () => {
      const scene = await registered()
      await scene.ports.ledger.look('todo', scene.now)
      const first = await scene.take('sweep')
      await scene.push(a, b, { digest: 'same' })
      await scene.push(a, b, { digest: 'same' })
      await scene.done(first, { observed: [], failure: null })
      await scene.done(await scene.take('sweep'), { observed: [], failure: null })
      expect(await scene.findWork('sweep')).toBeUndefined()
    })

    test('a force-push back to an older commit is built again, in the next era; the hook told of it, or none', async () => {
      const scene = await registered()
      await scene.push(a, b)
      await scene.push(b, a)
      await scene.done(await scene.take('sweep'), { observed: [saw([b, 1], a, { descends: false })], failure: null })
      await sweep(scene, [saw([a, 2], b, { descends: false })])
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2', 'main 2 1', 'main 3 2'])
    })

    test('a ref that is gone is no entry; made again it is one of the next era', async () => {
      const scene = await registered()
      await sweep(scene, [saw(null, b, { ref: topic })])
      await sweep(scene, [saw([b, 1], null, { ref: topic })])
      await sweep(scene, [saw([null, 1], b, { ref: topic })])
      expect(await told(scene)).toEqual(['main 1 1', 'topic 1 2', 'topic 2 2'])
    })

    test('a ref whose first hook was missed is built once, however often it is told and seen', async () => {
      const scene = await registered()
      expect(await scene.push(b, c, { ref: topic })).toMatchObject({ entries: [{ commit: c }], look: true })
      await sweep(scene, [saw(null, c, { ref: topic })])
      await sweep(scene, [saw([c, 1], d, { ref: topic })])
      expect(await told(scene)).toEqual(['main 1 1', 'topic 1 3', 'topic 1 4'])
    })

    test('a force-push whose hook came, after one that did not come, is built once', async () => {
      const scene = await registered()
      // b was never told; c replaced it.
      await scene.push(b, c)
      await sweep(scene, [saw([a, 1], c, { descends: false })])
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 3'])
      expect(await scene.push(c, d)).toMatchObject({ look: false })
    })

    test('a ref that was made again, told before its deletion was, is built once', async () => {
      const scene = await registered()
      await scene.push(null, b)
      await scene.push(a, null)
      await sweep(scene, [saw([null, 1], b, { descends: false })])
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 2'])
    })

    test('a commit that a late hook told of is built again when the head is really pushed back to it', async () => {
      const scene = await registered()
      await scene.push(a, c)
      await scene.push(a, b)
      await scene.done(await scene.take('sweep'), { observed: [], failure: null })
      await sweep(scene, [saw([c, 1], b, { descends: false })])
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 3', 'main 1 2', 'main 2 2'])
    })

    test('a late hook that came while somebody looked waits for the next look', async () => {
      const scene = await registered()
      await scene.ports.ledger.look('todo', scene.now)
      const early = await scene.take('sweep')
      await scene.push(b, c)
      await scene.done(early, { observed: [], failure: null })
      await scene.done(await scene.take('sweep'), { observed: [saw([a, 1], c, { descends: false })], failure: null })
      expect(await told(scene)).toEqual(['main 1 1', 'main 1 3'])
    })

    test('a ref of an older registration is made again, whatever tells of it first', async () => {
      const scene = await registered()
      await scene.push(null, b, { ref: topic })
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      await scene.register()
      expect(await scene.push(null, b, { ref: topic })).toMatchObject({ entries: [], look: true })
      await sweep(scene, [saw([null, 1], b, { ref: topic })])
      expect(await told(scene)).toEqual(['main 1 1', 'topic 1 2', 'main 2 1', 'topic 2 2'])
    })

    test('a failure is shown until a look succeeds, and moves nothing', async () => {
      const scene = await registered()
      await sweep(scene, [], 'forge.example is away')
      expect(await scene.ports.repositories.get('todo')).toMatchObject({
        sweepFailure: 'forge.example is away',
        lastSweepAt: scene.now.toISOString(),
      })
      expect(await told(scene)).toEqual(['main 1 1'])
      await sweep(scene, [])
      expect(await scene.ports.repositories.get('todo')).toMatchObject({ sweepFailure: null })
    })

    test('the next look comes soon, and seldom once hooks come', async () => {
      const settings = { sweepMs: minuteMs, sweepHookedMs: hourMs }
      const scene = await openScene(open, settings)
      await scene.register()
      const isDueWithin = async (ms: number) => {
        expect(await scene.findWork('sweep')).toBeUndefined()
        expect(await scene.ports.work.nextDueAt(['sweep'], scene.now)).toBeGreaterThan(scene.now.getTime() + ms * 0.8)
        scene.pass(ms * 1.2)
        return scene.take('sweep')
      }
      const first = await isDueWithin(minuteMs)
      await scene.done(first, { observed: [], failure: null })
      const second = await isDueWithin(minuteMs)
      await scene.push(a, b)
      await scene.done(second, { observed: [], failure: null })
      await scene.done(await isDueWithin(hourMs), { observed: [], failure: null })
    })

    test('only so many remotes are asked at once; whoever does not come back makes room when the lease is over', async () => {
      const scene = await openScene(open, { sweepsMax: 2, leaseMs: minuteMs })
      for (const slug of ['todo', 'shop', 'blog']) await scene.register({ slug })
      scene.pass(hourMs)
      await scene.take('sweep')
      const second = await scene.take('sweep')
      expect(await scene.findWork('sweep')).toBeUndefined()
      expect(await scene.ports.work.nextDueAt(['sweep'], scene.now)).toBe(scene.now.getTime() + minuteMs)
      await scene.done(second, { observed: [], failure: null })
      await scene.take('sweep')
      expect(await scene.findWork('sweep')).toBeUndefined()
      scene.pass(minuteMs)
      await scene.take('sweep')
    })
  })
}
