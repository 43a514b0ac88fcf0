import { describe, expect, test } from 'vitest'
import { claimOf, minuteMs, secondMs } from '../testing/samples.ts'
import { nameOf, type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

/** What a process allows itself, and the margin that is beyond it: see watch.ts of the adapters. */
const silenceMaxMs = 15 * minuteMs
const placingMs = 30 * minuteMs
const stopMaxMs = 5 * minuteMs
const marginMs = minuteMs
const todo = { pipeline: 'todo', number: 1 }

/** What becomes of attempts that show no sign of life. */
export function watchContract(name: string, open: OpenPorts): void {
  const opened = async (): Promise<Scene> => openScene(open, { silenceMaxMs, placingMs, stopMaxMs })
  /** @param upForMs how long the controller has been serving: long enough for any limit unless given */
  const watch = (scene: Scene, upForMs = 24 * 60 * minuteMs) =>
    scene.ports.work.watch(new Date(scene.now.getTime() - upForMs), scene.now)
  const isCondemned = async (scene: Scene) => (await scene.ports.attempts.listOpen('build')).some(({ over }) => over)

  describe(`${name} watches attempts`, () => {
    test('an app that did not start in time is removed, and the next attempt placed', async () => {
      const scene = await opened()
      await scene.queue()
      const placed = await scene.place()
      scene.pass(placingMs - 1)
      await watch(scene)
      expect(await scene.findWork('remove-build')).toBeUndefined()
      scene.pass(1)
      await watch(scene)
      const reason = { code: 'lost.placing', args: { seconds: placingMs / secondMs } }
      expect(await scene.build(todo)).toMatchObject({ status: 'placing', reason })
      await expect(scene.ports.attempts.claim(claimOf(placed), scene.now)).rejects.toMatchObject({
        code: 'ATTEMPT_FENCED',
      })
      await scene.remove()
      expect(await scene.place()).toMatchObject({ attempt: 2 })
    })

    test('three that did not start in time are enough', async () => {
      const scene = await opened()
      await scene.queue()
      for (const _ of Array(3)) {
        await scene.place()
        scene.pass(placingMs)
        await watch(scene)
        await scene.remove()
      }
      expect(await scene.build(todo)).toMatchObject({ status: 'lost', reason: { code: 'lost.placing' }, attempt: 3 })
    })

    test('one that is handed out to somebody, or was given back, has the same time', async () => {
      const scene = await opened()
      await scene.queue()
      const work = await scene.take('place-build')
      await scene.ports.work.release(work.id, work.epoch, minuteMs, 'Marathon is away', scene.now)
      scene.pass(placingMs)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(true)
      expect(await scene.findWork('place-build')).toBeUndefined()
    })

    test('a silent one is condemned after what its process allows itself, and a margin', async () => {
      const scene = await opened()
      const { name: attempt } = await scene.running({ timeoutMs: 600 * minuteMs })
      scene.pass(silenceMaxMs + marginMs - 1)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(false)
      await scene.ports.attempts.see(attempt, scene.now)
      scene.pass(silenceMaxMs + marginMs - 1)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(false)
      scene.pass(1)
      await watch(scene)
      await expect(scene.ports.attempts.see(attempt, scene.now)).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      await scene.remove()
      const reason = { code: 'lost.lease', args: { seconds: (silenceMaxMs + marginMs) / secondMs } }
      expect(await scene.build(todo)).toMatchObject({ status: 'lost', reason })
    })

    test.each([
      ['events', (scene: Scene, attempt: ReturnType<typeof nameOf>) => scene.plan(attempt)],
      [
        'output',
        (scene: Scene, attempt: ReturnType<typeof nameOf>) =>
          scene.ports.outputs.append(attempt, '1', 0, Buffer.from('a'), 'process', scene.now),
      ],
    ])('%s are a sign of life', async (_what, sends) => {
      const scene = await opened()
      const { name: attempt } = await scene.running({ timeoutMs: 600 * minuteMs })
      scene.pass(silenceMaxMs)
      await sends(scene, attempt)
      scene.pass(silenceMaxMs)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(false)
    })

    test('silence counts only from when the controller was back', async () => {
      const scene = await opened()
      await scene.running()
      await scene.start()
      await scene.place()
      scene.pass(24 * 60 * minuteMs)
      await watch(scene, 0)
      await watch(scene, silenceMaxMs)
      expect(await isCondemned(scene)).toBe(false)
      await watch(scene, silenceMaxMs + marginMs)
      const over = (await scene.ports.attempts.listOpen('build')).map((one) => one.over)
      expect(over).toEqual([true, false])
      await watch(scene, placingMs)
      expect((await scene.ports.attempts.listOpen('build')).map((one) => one.over)).toEqual([true, true])
    })

    test('one that was told to stop and does not is removed, and killed', async () => {
      const scene = await opened()
      const { name: attempt } = await scene.running({ attemptsMax: 3 })
      await scene.ports.builds.kill('todo', 1, 'Ann', 'wrong', scene.now)
      scene.pass(stopMaxMs - 1)
      await scene.ports.attempts.see(attempt, scene.now)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(false)
      scene.pass(1)
      await watch(scene, stopMaxMs - 1)
      expect(await isCondemned(scene)).toBe(false)
      await watch(scene, stopMaxMs)
      expect(await isCondemned(scene)).toBe(true)
      await scene.remove()
      const reason = { code: 'killed.person', args: { who: 'Ann', comment: 'wrong' } }
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason })
    })

    test('one that was told to stop and hangs is not waited for as long: it does not even beat', async () => {
      const scene = await opened()
      const { name: attempt } = await scene.running()
      await scene.ports.builds.kill('todo', 1, 'Ann', 'wrong', scene.now)
      await scene.ports.attempts.see(attempt, scene.pass(30 * secondMs))
      scene.pass(minuteMs - 1)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(false)
      scene.pass(1)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(true)
    })

    test('one that hangs beyond its timeout is removed soon after it', async () => {
      const scene = await opened()
      const timeoutMs = 5 * secondMs
      await scene.running({ timeoutMs, attemptsMax: 3 })
      scene.pass(timeoutMs + minuteMs - 1)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(false)
      scene.pass(1)
      await watch(scene)
      await scene.remove()
      expect(await scene.build(todo)).toMatchObject({ status: 'timed-out' })
    })

    test('one whose process does not keep to its timeout is removed, and timed out, never repeated', async () => {
      const scene = await opened()
      const timeoutMs = 60 * minuteMs
      const { name: attempt } = await scene.running({ timeoutMs, attemptsMax: 3 })
      scene.pass(timeoutMs + stopMaxMs + marginMs - 1)
      await scene.ports.attempts.see(attempt, scene.now)
      await watch(scene)
      expect(await isCondemned(scene)).toBe(false)
      scene.pass(1)
      await watch(scene)
      await scene.remove()
      const reason = { code: 'timed-out.build', args: { seconds: timeoutMs / secondMs } }
      expect(await scene.build(todo)).toMatchObject({ status: 'timed-out', reason })
      expect(await scene.findWork('place-build')).toBeUndefined()
    })

    test('killed after it was condemned for its timeout, it is killed', async () => {
      const scene = await opened()
      const timeoutMs = 60 * minuteMs
      const { name: attempt } = await scene.running({ timeoutMs })
      scene.pass(timeoutMs + stopMaxMs + marginMs)
      await scene.ports.attempts.see(attempt, scene.now)
      await watch(scene)
      await scene.ports.builds.kill('todo', 1, 'Ann', 'wrong', scene.now)
      await scene.remove()
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason: { code: 'killed.person' } })
    })

    test('condemned twice it is condemned once; what has reported is left alone', async () => {
      const scene = await opened()
      const { name: attempt } = await scene.running()
      await scene.start()
      const second = await scene.run()
      await scene.report(second.name)
      scene.pass(silenceMaxMs + marginMs)
      await watch(scene)
      const before = await scene.build(attempt)
      scene.pass(minuteMs)
      await watch(scene)
      expect(await scene.build(attempt)).toEqual(before)
      expect(await scene.build(second.name)).toMatchObject({ status: 'success' })
      const gone = [await scene.remove(), await scene.remove()]
      expect(gone.map(({ number }) => number).sort()).toEqual([1, 2])
      expect(await scene.findWork('remove-build')).toBeUndefined()
    })

    test('meta-builds are watched as well', async () => {
      const scene = await opened()
      await scene.register()
      const build = await scene.start()
      await scene.putMetaPipeline()
      await scene.run('place-meta')
      scene.pass(silenceMaxMs + marginMs)
      await watch(scene)
      await scene.remove('remove-meta')
      expect(await scene.build({ pipeline: '~todo', number: 1 })).toMatchObject({ status: 'lost' })
      expect(await scene.build(build)).toMatchObject({ status: 'failure', reason: { code: 'failure.assembly' } })
    })

    test('nothing to judge, nothing done', async () => {
      const scene = await opened()
      await watch(scene)
      await scene.queue()
      await watch(scene)
      expect(await scene.build(todo)).toMatchObject({ status: 'queued' })
      expect(nameOf(await scene.place())).toMatchObject({ attempt: 1 })
    })
  })
}
