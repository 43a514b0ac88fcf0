import { describe, expect, test } from 'vitest'
import { minuteMs } from '../testing/samples.ts'
import { nameOf, type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const todo = { pipeline: 'todo', number: 1 }
const reason = { code: 'killed.person', args: { who: 'Ann', comment: 'wrong branch' } }

/** A build that is not wanted any more, whatever it does just now. */
export function killContract(name: string, open: OpenPorts): void {
  const kill = (scene: Scene, { pipeline, number } = todo) =>
    scene.ports.builds.kill(pipeline, number, 'Ann', 'wrong branch', scene.now)
  const nothingIsLeft = async (scene: Scene) => {
    expect(await scene.findWork('place-build')).toBeUndefined()
    expect(await scene.findWork('remove-build')).toBeUndefined()
  }

  describe(`${name} kills builds`, () => {
    test('assembling: it is over at once, and the meta-build goes on for those that come', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.start()
      const killed = await kill(scene)
      expect(killed).toMatchObject({ status: 'killed', reason, endedAt: scene.now.toISOString(), killWanted: true })
      await scene.assemble()
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', attempt: 0 })
      await nothingIsLeft(scene)
      expect(await scene.start()).toMatchObject({ status: 'queued' })
    })

    test('queued: it is over at once, and nobody places it', async () => {
      const scene = await openScene(open)
      await scene.queue()
      expect(await kill(scene)).toMatchObject({ status: 'killed', reason })
      await nothingIsLeft(scene)
    })

    test('queued for its second attempt: the same', async () => {
      const scene = await openScene(open)
      await scene.queue()
      await scene.end(nameOf(await scene.place()))
      await scene.remove()
      expect(await kill(scene)).toMatchObject({ status: 'killed', reason, attempt: 1 })
      await nothingIsLeft(scene)
    })

    test('placing: it is over at once, and its app has to go', async () => {
      const scene = await openScene(open)
      await scene.queue()
      const placed = await scene.place()
      expect(await kill(scene)).toMatchObject({ status: 'killed', reason })
      expect(await scene.remove()).toMatchObject({ appId: placed.appId, salvage: false, taskId: null })
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason })
      await nothingIsLeft(scene)
    })

    test('running: its process is told to stop, and says how that ended', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running()
      expect(await kill(scene)).toMatchObject({ status: 'running', reason, killWanted: true })
      expect(await scene.ports.attempts.see(attempt, scene.now)).toMatchObject({ order: 'stop' })
      await scene.plan(attempt)
      await scene.report(attempt, { status: 'killed', reason: { code: 'killed.person', args: reason.args } })
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason })
      await scene.remove()
      await nothingIsLeft(scene)
    })

    test('running, and done before it heard of it: it is what it says', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running()
      await kill(scene)
      await scene.report(attempt)
      expect(await scene.build(todo)).toMatchObject({ status: 'success', killWanted: true })
    })

    test('running, and dead before it stopped: it is killed, not lost, and not tried again', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running({ attemptsMax: 3 })
      await kill(scene)
      await scene.end(attempt)
      await scene.remove()
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason })
      await nothingIsLeft(scene)
    })

    test('dead already, its app being removed: it is killed, and not tried again', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running({ attemptsMax: 3 })
      await scene.end(attempt)
      expect(await kill(scene)).toMatchObject({ status: 'running' })
      await scene.remove()
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason })
      await nothingIsLeft(scene)
    })

    test('placing and dead, its app being removed: it is over at once', async () => {
      const scene = await openScene(open)
      await scene.queue()
      await scene.end(nameOf(await scene.place()))
      expect(await kill(scene)).toMatchObject({ status: 'killed' })
      await scene.remove()
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason })
      await nothingIsLeft(scene)
    })

    test('over: there is nothing to kill', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running()
      await scene.report(attempt)
      await expect(kill(scene)).rejects.toMatchObject({ code: 'BUILD_OVER', fields: { ...todo, status: 'success' } })
      expect(await scene.build(todo)).toMatchObject({ status: 'success', killWanted: false })
      await expect(kill(scene, { pipeline: 'todo', number: 9 })).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })
    })

    test('wanted again it changes nothing: the first reason and moment stay', async () => {
      const scene = await openScene(open, { stopMaxMs: minuteMs })
      await scene.running()
      const first = await kill(scene)
      scene.pass(minuteMs)
      expect(await scene.ports.builds.kill('todo', 1, 'Bob', '', scene.now)).toEqual(first)
      await scene.ports.work.watch(new Date(0), scene.now)
      await scene.remove()
      expect(await scene.build(todo)).toMatchObject({ status: 'killed', reason })
    })

    test('without a comment the reason still is a sentence', async () => {
      const scene = await openScene(open)
      await scene.queue()
      const { reason } = await scene.ports.builds.kill('todo', 1, 'Ann', '', scene.now)
      expect(reason?.args).toEqual({ who: 'Ann', comment: 'no reason given' })
    })

    test('a meta-build is killed like any build, and those that waited for it fail', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.start()
      await scene.putMetaPipeline()
      const { name: attempt } = await scene.run('place-meta')
      const meta = { pipeline: '~todo', number: 1 }
      expect(await kill(scene, meta)).toMatchObject({ status: 'running' })
      expect(await scene.build(todo)).toMatchObject({ status: 'assembling' })
      await scene.report(attempt, { status: 'killed' })
      expect(await scene.build(meta)).toMatchObject({ status: 'killed' })
      expect(await scene.build(todo)).toMatchObject({ status: 'failure', reason: { code: 'failure.assembly' } })
    })
  })
}
