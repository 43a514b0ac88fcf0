import { workKinds } from '@baton/state-client/wire'
import { describe, expect, test } from 'vitest'
import { builtBy, commitOf, hourMs, info, main, minuteMs, secondMs } from '../testing/samples.ts'
import { type OpenPorts, openScene } from '../testing/scene.ts'

const leaseMs = 30 * secondMs
const movedOn = { code: 'WORK_MOVED_ON' }
const outcome = { info, resolutions: [builtBy('todo')], whole: null }

export function workQueueContract(name: string, open: OpenPorts): void {
  /** A repository with one entry to resolve. */
  const registered = async () => {
    const scene = await openScene(open, { leaseMs })
    await scene.register()
    return scene
  }

  describe(`${name} is a work queue`, () => {
    test('of many takers one gets it, with the first epoch and a lease', async () => {
      const scene = await registered()
      const takers = ['a', 'b', 'c'].map((owner) => scene.findWork('resolve', owner))
      const taken = (await Promise.all(takers)).filter((work) => work !== undefined)
      expect(taken).toHaveLength(1)
      expect(taken[0]).toMatchObject({ kind: 'resolve', epoch: 1, leaseMs })
    })

    test('only what is asked for is given; in the order of the kinds', async () => {
      const scene = await registered()
      expect(await scene.ports.work.take(['place-build', 'sweep'], 'a', scene.now)).toBeUndefined()
      scene.pass(hourMs)
      const work = await scene.ports.work.take(['sweep', 'resolve'], 'a', scene.now)
      expect(work?.kind).toBe('sweep')
    })

    test('an empty store has the two reconcilings, each for one at a time, and again after a while', async () => {
      const scene = await openScene(open, { reconcileMs: minuteMs })
      const work = await scene.take('reconcile-build')
      expect(work.payload).toEqual({ installation: 'abc123' })
      expect(await scene.findWork('reconcile-build', 'owner-2')).toBeUndefined()
      await scene.take('reconcile-meta')
      await scene.done(work, {})
      expect(await scene.findWork('reconcile-build')).toBeUndefined()
      expect(await scene.ports.work.nextDueAt(['reconcile-build'], scene.now)).toBe(scene.now.getTime() + minuteMs)
      scene.pass(minuteMs)
      expect(await scene.take('reconcile-build')).toMatchObject({ epoch: 2 })
      expect(await scene.findWork('resolve')).toBeUndefined()
    })

    test('when the lease is over somebody else gets it; the first may not write any more', async () => {
      const scene = await registered()
      const first = await scene.take('resolve', 'a')
      scene.pass(leaseMs - 1)
      expect(await scene.findWork('resolve', 'b')).toBeUndefined()
      expect(await scene.ports.work.nextDueAt(['resolve'], scene.now)).toBe(scene.now.getTime() + 1)
      scene.pass(1)
      const second = await scene.take('resolve', 'b')
      expect(second).toMatchObject({ id: first.id, epoch: 2 })

      const { work } = scene.ports
      await expect(work.renew(first.id, first.epoch, scene.now)).rejects.toMatchObject(movedOn)
      await expect(work.done(first.id, first.epoch, outcome, scene.now)).rejects.toMatchObject(movedOn)
      await expect(work.release(first.id, first.epoch, 0, 'late', scene.now)).rejects.toMatchObject(movedOn)
      await work.renew(second.id, second.epoch, scene.now)
      await work.done(second.id, second.epoch, outcome, scene.now)
    })

    test('when the lease is over and nobody else has it, the holder may go on', async () => {
      const scene = await registered()
      const first = await scene.take('resolve')
      scene.pass(hourMs)
      await scene.ports.work.renew(first.id, first.epoch, scene.now)
      expect(await scene.findWork('resolve')).toBeUndefined()
      scene.pass(hourMs)
      await scene.done(first, outcome)
      expect(await scene.entries()).toMatchObject([{ state: 'resolved' }])
    })

    test('renewed in time it stays with its holder', async () => {
      const scene = await registered()
      const first = await scene.take('resolve')
      for (const _ of Array(5)) {
        scene.pass(leaseMs - 1)
        await scene.ports.work.renew(first.id, first.epoch, scene.now)
        expect(await scene.findWork('resolve')).toBeUndefined()
      }
    })

    test('given back it is due after the pause; whoever gave it back cannot renew it', async () => {
      const scene = await registered()
      const { id, epoch } = await scene.take('resolve')
      const { work } = scene.ports
      await work.release(id, epoch, minuteMs, 'the forge is away', scene.now)
      await work.release(id, epoch, hourMs, 'told twice', scene.now)
      await expect(work.renew(id, epoch, scene.now)).rejects.toMatchObject(movedOn)
      scene.pass(minuteMs - 1)
      expect(await scene.findWork('resolve')).toBeUndefined()
      scene.pass(1)
      expect(await scene.take('resolve')).toMatchObject({ id, epoch: 2 })
    })

    test('done is done: it is not given again, and cannot be renewed', async () => {
      const scene = await registered()
      const taken = await scene.take('resolve')
      await scene.done(taken, outcome)
      await expect(scene.ports.work.renew(taken.id, taken.epoch, scene.now)).rejects.toMatchObject(movedOn)
      await scene.ports.work.release(taken.id, taken.epoch, 0, 'late', scene.now)
      scene.pass(hourMs)
      expect(await scene.findWork('resolve')).toBeUndefined()
    })

    test('an epoch that was never given is refused', async () => {
      const scene = await registered()
      const { id } = await scene.take('resolve')
      for (const epoch of [0, 2, 999]) {
        await expect(scene.ports.work.renew(id, epoch, scene.now)).rejects.toMatchObject(movedOn)
        await expect(scene.ports.work.done(id, epoch, outcome, scene.now)).rejects.toMatchObject(movedOn)
      }
    })

    test('work that is not there is unknown', async () => {
      const { work } = (await openScene(open)).ports
      const unknown = { code: 'WORK_UNKNOWN' }
      await expect(work.renew('resolve.9', 1, new Date())).rejects.toMatchObject(unknown)
      await expect(work.done('resolve.9', 1, outcome, new Date())).rejects.toMatchObject(unknown)
      await expect(work.release('resolve.9', 1, 0, 'why', new Date())).rejects.toMatchObject(unknown)
    })

    test('the oldest comes first', async () => {
      const scene = await openScene(open)
      for (const [at, ref] of ['refs/heads/x', 'refs/heads/y', main].entries()) {
        await scene.register({ slug: `repo-${at}`, defaultRef: ref, heads: [{ ref, head: commitOf(at) }] })
        scene.pass(1)
      }
      const seen: string[] = []
      for (let work = await scene.findWork('resolve'); work !== undefined; work = await scene.findWork('resolve')) {
        seen.push(work.payload.repository.slug)
      }
      expect(seen).toEqual(['repo-0', 'repo-1', 'repo-2'])
    })

    test('next due is the soonest of the kinds; nothing due, nothing said', async () => {
      const scene = await registered()
      await scene.resolve(builtBy('todo'))
      const { work } = scene.ports
      expect(await work.nextDueAt(['resolve', 'remove-build'], scene.now)).toBeUndefined()
      const due = await work.nextDueAt(workKinds, scene.now)
      expect(due).toBe(await work.nextDueAt(['sweep'], scene.now))
      expect(due).toBeGreaterThan(scene.now.getTime())
    })

    test('tidied, what is open and what was done just now stay', async () => {
      const scene = await registered()
      await scene.push(commitOf(1), commitOf(2), { id: 'one' })
      const taken = await scene.take('resolve')
      await scene.done(taken, outcome)
      await scene.ports.work.tidy(scene.pass(minuteMs))
      await scene.done(taken, outcome)
      expect(await scene.push(commitOf(1), commitOf(2), { id: 'one' })).toMatchObject({ known: true })
      expect((await scene.take('resolve')).payload.entry.commit).toBe(commitOf(2))
    })

    test('tidied, what was done long ago is forgotten, and what is known of the repository is not', async () => {
      const scene = await registered()
      const taken = await scene.take('resolve')
      await scene.done(taken, outcome)
      await scene.ports.work.tidy(scene.pass(24 * hourMs))
      await expect(scene.done(taken, outcome)).rejects.toMatchObject({ code: 'WORK_UNKNOWN' })
      expect(await scene.entries()).toMatchObject([{ state: 'resolved', fates: [{ build: 1 }] }])
      await scene.take('sweep')
    })
  })
}
