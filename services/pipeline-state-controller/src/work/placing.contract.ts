import { appIdOf } from '@baton/model'
import { describe, expect, test } from 'vitest'
import { claimOf, commitOf, main, minuteMs, secondMs } from '../testing/samples.ts'
import { nameOf, type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const leaseMs = 30 * secondMs
const todo = (number: number) => ({ pipeline: 'todo', number })

/** How builds are handed to Marathon. */
export function placingContract(name: string, open: OpenPorts): void {
  /** Builds in the queue, their version ready. */
  const queued = async (count: number, placingMax = 10): Promise<Scene> => {
    const scene = await openScene(open, { placingMax, leaseMs })
    await scene.queue()
    for (const _ of Array(count - 1)) await scene.start()
    return scene
  }

  describe(`${name} has builds placed`, () => {
    test('whoever takes a build is told all that its app needs, and it is placing', async () => {
      const scene = await queued(1)
      const { payload } = await scene.take('place-build')
      expect(payload).toMatchObject({
        installation: 'abc123',
        ...todo(1),
        attempt: 1,
        appId: appIdOf('abc123', 'todo', 1, 1),
        repository: { slug: 'todo', url: 'https://forge.example/shop/todo.git' },
        commit: commitOf(1),
        ref: main,
        cpus: 0.5,
        memMb: 256,
        diskMb: 0,
      })
      expect(payload).not.toHaveProperty('image')
      const build = await scene.build(payload)
      expect(build).toMatchObject({ status: 'placing', attempt: 1, reason: { code: 'waits.start' } })
      expect(build.attempts).toMatchObject([{ number: 1, placedAt: null, claimedAt: null }])
    })

    test('an image is told of, if the pipeline wants one', async () => {
      const scene = await openScene(open)
      await scene.queue({ image: 'node:20' })
      expect(await scene.place()).toMatchObject({ image: 'node:20' })
    })

    test('no secret is ever told', async () => {
      const scene = await queued(1)
      await scene.ports.secrets.set('todo', 'TOKEN', 'hush-hush-hush', scene.now)
      expect(JSON.stringify(await scene.take('place-build'))).not.toContain('hush-hush-hush')
    })

    test('first in, first out', async () => {
      const scene = await queued(3)
      scene.pass(secondMs)
      await scene.start()
      const numbers = [await scene.place(), await scene.place(), await scene.place(), await scene.place()]
      expect(numbers.map(({ number }) => number)).toEqual([1, 2, 3, 4])
    })

    test('taken again after a lease, it is the same attempt with the same ticket', async () => {
      const scene = await queued(1)
      const first = await scene.take('place-build', 'spawner-1')
      scene.pass(leaseMs)
      const second = await scene.take('place-build', 'spawner-2')
      expect(second.payload).toEqual(first.payload)
      await expect(scene.done(first, { refused: null })).rejects.toMatchObject({ code: 'WORK_MOVED_ON' })
      await scene.done(second, { refused: null })
      expect((await scene.build(todo(1))).attempts).toHaveLength(1)
    })

    test('tickets differ from attempt to attempt, and from build to build', async () => {
      const scene = await queued(2)
      const placed = [await scene.place(), await scene.place()]
      await scene.end(nameOf(placed[0] as (typeof placed)[0]))
      await scene.remove()
      placed.push(await scene.place())
      expect(placed[2]).toMatchObject({ ...todo(1), attempt: 2 })
      for (const part of ['ticket', 'appId'] as const) expect(new Set(placed.map((one) => one[part])).size).toBe(3)
      expect(new Set(placed.map(({ bundle }) => bundle.path)).size).toBe(3)
    })

    test('only so many wait for room in Marathon; the next one says so, and comes when one has claimed', async () => {
      const scene = await queued(4, 2)
      const first = await scene.place()
      await scene.place()
      expect(await scene.findWork('place-build')).toBeUndefined()
      const reason = { code: 'waits.limit', args: { count: 2, max: 2 } }
      expect(await scene.build(todo(3))).toMatchObject({ status: 'queued', reason })
      await scene.ports.attempts.claim(claimOf(first), scene.now)
      expect(await scene.place()).toMatchObject(todo(3))
      expect(await scene.findWork('place-build')).toBeUndefined()
    })

    test('one that is killed, and one that died, make room as well', async () => {
      const scene = await queued(4, 2)
      const [first, second] = [await scene.place(), await scene.place()]
      await scene.ports.builds.kill('todo', first.number, 'Ann', '', scene.now)
      expect(await scene.place()).toMatchObject(todo(3))
      await scene.end(nameOf(second))
      expect(await scene.place()).toMatchObject(todo(4))
    })

    test('one that was handed out already goes on, whatever the limit says', async () => {
      const scene = await queued(3, 1)
      const first = await scene.take('place-build')
      scene.pass(leaseMs)
      expect((await scene.take('place-build', 'spawner-2')).payload).toEqual(first.payload)
    })

    test('meta-builds have a limit of their own', async () => {
      const scene = await queued(1, 1)
      await scene.start('todo/deploy')
      await scene.place()
      await scene.place('place-meta')
    })

    test('refused by Marathon it is over, says why, and the next one has its place', async () => {
      const scene = await queued(2, 1)
      await scene.done(await scene.take('place-build'), { refused: '/cpus: error.min' })
      const build = await scene.build(todo(1))
      const reason = { code: 'failure.refused', args: { message: '/cpus: error.min' } }
      expect(build).toMatchObject({ status: 'failure', reason, endedAt: scene.now.toISOString() })
      expect(build.attempts[0]?.removedAt).toBe(scene.now.toISOString())
      expect(await scene.ports.attempts.listOpen('build')).toEqual([])
      expect(await scene.findWork('remove-build')).toBeUndefined()
      expect(await scene.place()).toMatchObject(todo(2))
    })

    test('refused by whoever lost it meanwhile, or although it has claimed, it goes on', async () => {
      const scene = await queued(1)
      const slow = await scene.take('place-build')
      scene.pass(leaseMs)
      const second = await scene.take('place-build')
      await expect(scene.done(slow, { refused: 'no' })).rejects.toMatchObject({ code: 'WORK_MOVED_ON' })
      await scene.ports.attempts.claim(claimOf(second.payload), scene.now)
      await scene.done(second, { refused: 'no' })
      expect(await scene.build(todo(1))).toMatchObject({ status: 'running' })
    })

    test('told twice it is what was told first, whatever is told then', async () => {
      const scene = await queued(2)
      const [first, second] = [await scene.take('place-build'), await scene.take('place-build')]
      await scene.done(first, { refused: null })
      await scene.done(first, { refused: null })
      await scene.done(first, { refused: 'no' })
      expect(await scene.build(todo(1))).toMatchObject({ status: 'placing' })
      await scene.done(second, { refused: 'no' })
      await scene.done(second, { refused: 'never' })
      expect(await scene.build(todo(2))).toMatchObject({ status: 'failure', reason: { args: { message: 'no' } } })
      await scene.ports.attempts.claim(claimOf(first.payload), scene.now)
    })

    test('given back because Marathon is away: it says so, and nothing is lost', async () => {
      const scene = await queued(1)
      const first = await scene.take('place-build')
      await scene.ports.work.release(first.id, first.epoch, 5 * secondMs, 'Marathon is away', scene.now)
      const reason = { code: 'waits.marathon', args: { time: scene.now.toISOString() } }
      expect(await scene.build(todo(1))).toMatchObject({ status: 'placing', reason })
      scene.pass(5 * secondMs)
      expect((await scene.take('place-build')).payload).toEqual(first.payload)
      expect(await scene.build(todo(1))).toMatchObject({ status: 'placing', reason: { code: 'waits.start' } })
    })

    test('placed after it was killed: the app that was posted all the same has to go', async () => {
      const scene = await queued(1)
      const work = await scene.take('place-build')
      await scene.ports.builds.kill('todo', 1, 'Ann', '', scene.now)
      await scene.remove()
      await scene.done(work, { refused: null })
      expect(await scene.remove()).toMatchObject({ appId: work.payload.appId, salvage: false })
      expect(await scene.build(todo(1))).toMatchObject({ status: 'killed' })
    })

    test('placed so late that the next attempt is queued, or runs: the old app has to go, the build goes on', async () => {
      const scene = await queued(1)
      const work = await scene.take('place-build')
      await scene.end(nameOf(work.payload))
      await scene.remove()
      await scene.done(work, { refused: null })
      expect(await scene.build(todo(1))).toMatchObject({ status: 'queued' })
      await scene.remove()
      expect(await scene.build(todo(1))).toMatchObject({ status: 'queued', attempt: 1 })
      const next = await scene.run()
      await scene.done(work, { refused: null })
      await scene.remove()
      expect(await scene.build(todo(1))).toMatchObject({ status: 'running', attempt: 2 })
      await scene.report(next.name)
    })

    test('posted once more after it reported, while its app was being removed: that app has to go too', async () => {
      const scene = await queued(1)
      const work = await scene.take('place-build')
      await scene.ports.attempts.claim(claimOf(work.payload), scene.now)
      await scene.report(nameOf(work.payload))
      const removal = await scene.take('remove-build')
      await scene.done(work, { refused: null })
      await scene.done(removal, {})
      expect(await scene.remove()).toMatchObject({ appId: work.payload.appId, salvage: false })
      expect(await scene.findWork('remove-build')).toBeUndefined()
      expect(await scene.build(todo(1))).toMatchObject({ status: 'success' })
    })

    test('a build that is over is not placed, although somebody was slow to say so', async () => {
      const scene = await queued(1)
      const work = await scene.take('place-build')
      await scene.ports.attempts.claim(claimOf(work.payload), scene.now)
      await scene.report(nameOf(work.payload))
      scene.pass(minuteMs)
      expect(await scene.findWork('place-build')).toBeUndefined()
    })
  })
}
