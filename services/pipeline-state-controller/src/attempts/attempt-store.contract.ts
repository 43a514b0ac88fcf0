import type { Result } from '@baton/state-client'
import { describe, expect, test } from 'vitest'
import { claimOf, minuteMs, secondMs, taskOf } from '../testing/samples.ts'
import { nameOf, type OpenPorts, openScene, type Scene } from '../testing/scene.ts'
import { claimContract } from './claim.contract.ts'
import { eventsContract } from './events.contract.ts'

export function attemptStoreContract(name: string, open: OpenPorts): void {
  claimContract(name, open)
  eventsContract(name, open)
  resultContract(name, open)
  endContract(name, open)
}

function resultContract(name: string, open: OpenPorts): void {
  const running = async () => {
    const scene = await openScene(open)
    const { name: attempt, placed } = await scene.running()
    return { scene, attempt, placed }
  }

  describe(`${name} takes the result of an attempt`, () => {
    test.each(['success', 'failure', 'killed', 'timed-out'] as const)('%s ends the build', async (status) => {
      const { scene, attempt, placed } = await running()
      scene.pass(minuteMs)
      const reason = { code: 'failure.step', args: { step: 'test' } } as const
      await scene.report(attempt, { status, reason: status === 'success' ? null : reason })
      const build = await scene.build(attempt)
      const at = scene.now.toISOString()
      expect(build).toMatchObject({ status, endedAt: at, reason: status === 'success' ? null : reason })
      expect(build.attempts).toMatchObject([{ reportedAt: at }])
      expect(await scene.remove()).toMatchObject({ appId: placed.appId, taskId: taskOf(placed.appId), salvage: false })
      expect((await scene.build(attempt)).attempts).toMatchObject([{ removedAt: at }])
      expect(await scene.findWork('place-build')).toBeUndefined()
    })

    test('it is taken only when everything that it names is stored, and says what is missing', async () => {
      const { scene, attempt } = await running()
      await scene.plan(attempt)
      await scene.ports.outputs.append(attempt, '1', 0, Buffer.from('abc'), 'process', scene.now)
      const result: Partial<Result> = { events: 3, outputs: { '1': 5, '2': 1, '3': 0 } }
      await expect(scene.report(attempt, result)).rejects.toMatchObject({
        code: 'RESULT_INCOMPLETE',
        kind: 'conflict',
        fields: { events: 1, outputs: { '1': 3, '2': 0 } },
      })
      expect(await scene.build(attempt)).toMatchObject({ status: 'running' })
      await scene.events(attempt, 1, scene.step('1', 'running'), scene.step('1', 'success'))
      await expect(scene.report(attempt, result)).rejects.toMatchObject({ fields: { events: 3 } })
      await scene.ports.outputs.append(attempt, '1', 3, Buffer.from('de'), 'process', scene.now)
      await scene.ports.outputs.append(attempt, '2', 0, Buffer.from('f'), 'process', scene.now)
      await scene.report(attempt, result)
      expect(await scene.build(attempt)).toMatchObject({ status: 'success' })
    })

    test('told again it changes nothing, not even the status', async () => {
      const { scene, attempt } = await running()
      await scene.report(attempt, { status: 'failure' })
      const before = await scene.build(attempt)
      scene.pass(minuteMs)
      await scene.report(attempt, { status: 'failure' })
      await scene.report(attempt, { status: 'success' })
      expect(await scene.build(attempt)).toEqual(before)
      await scene.remove()
      await scene.report(attempt, { status: 'failure' })
    })

    test('a dead attempt has no result, an unclaimed one neither', async () => {
      const { scene, attempt } = await running()
      await scene.end(attempt)
      await expect(scene.report(attempt)).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      await scene.start()
      const placed = await scene.place()
      await expect(scene.report(nameOf(placed))).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      await expect(scene.report({ ...attempt, number: 99 })).rejects.toMatchObject({ code: 'ATTEMPT_UNKNOWN' })
    })

    test('steps that it left open are over too', async () => {
      const { scene, attempt } = await running()
      await scene.plan(attempt)
      await scene.events(attempt, 1, scene.step('1', 'running'))
      await scene.report(attempt, { status: 'failure', events: 2 })
      expect((await scene.build(attempt)).steps).toMatchObject([{ status: 'lost' }, { status: 'skipped' }])
    })

    test('a sign of life is noted, and answered with what is to be done', async () => {
      const { scene, attempt } = await running()
      const { attempts, builds } = scene.ports
      expect(await attempts.see(attempt, scene.pass(secondMs))).toEqual({ order: 'go-on', reason: null })
      expect((await scene.build(attempt)).attempts[0]?.lastSeenAt).toBe(scene.now.toISOString())
      await builds.kill('todo', 1, 'Ann', 'wrong branch', scene.now)
      const reason = { code: 'killed.person', args: { who: 'Ann', comment: 'wrong branch' } }
      expect(await attempts.see(attempt, scene.now)).toEqual({ order: 'stop', reason })
    })

    test('those whose app may still exist are listed, by lane', async () => {
      const { scene, attempt, placed } = await running()
      await scene.start('todo/deploy')
      await scene.start()
      const second = await scene.take('place-build')
      const listed = () => scene.ports.attempts.listOpen('build')
      const [one, two] = [
        { ...attempt, appId: placed.appId, placed: true, taskId: taskOf(placed.appId), over: false },
        { ...nameOf(second.payload), appId: second.payload.appId, placed: false, taskId: null, over: false },
      ]
      expect(await listed()).toEqual([one, two])
      expect(await scene.ports.attempts.listOpen('meta')).toEqual([])
      await scene.report(attempt)
      expect(await listed()).toEqual([{ ...one, over: true }, two])
      await scene.remove()
      expect(await listed()).toEqual([two])
    })
  })
}

function endContract(name: string, open: OpenPorts): void {
  const dies = async (scene: Scene, attempt: ReturnType<typeof nameOf>) => {
    await scene.end(attempt)
    await scene.remove()
  }

  describe(`${name} hears from Marathon that a task ended`, () => {
    test('before a claim the next attempt follows by itself, three at most', async () => {
      const scene = await openScene(open)
      await scene.queue()
      for (const attempt of [1, 2]) {
        const placed = await scene.place()
        expect(placed.attempt).toBe(attempt)
        await dies(scene, nameOf(placed))
        const reason = { code: 'ran.attempt', args: { attempt: attempt + 1, before: attempt } }
        expect(await scene.build(placed)).toMatchObject({ status: 'queued', reason, endedAt: null })
      }
      const third = await scene.place()
      await dies(scene, nameOf(third))
      const reason = { code: 'lost.task', args: { state: 'TASK_FAILED' } }
      expect(await scene.build(third)).toMatchObject({ status: 'lost', attempt: 3, reason })
      expect(await scene.findWork('place-build')).toBeUndefined()
    })

    test('after a claim it is lost', async () => {
      const scene = await openScene(open)
      const { name: attempt, placed } = await scene.running()
      await scene.end(attempt, taskOf(placed.appId), 'TASK_KILLED')
      const reason = { code: 'lost.task', args: { state: 'TASK_KILLED' } }
      expect(await scene.build(attempt)).toMatchObject({ status: 'running', reason })
      await scene.remove()
      const build = await scene.build(attempt)
      expect(build).toMatchObject({ status: 'lost', reason, endedAt: scene.now.toISOString() })
      expect(build.attempts).toMatchObject([{ endedState: 'TASK_KILLED', endedAt: scene.now.toISOString() }])
    })

    test('after a claim it is tried again as often as the pipeline says, once everything of the last one is gone', async () => {
      const scene = await openScene(open)
      const first = await scene.running({ attemptsMax: 2 })
      await scene.plan(first.name)
      await scene.events(first.name, 1, scene.step('1', 'running'))
      await scene.end(first.name)
      expect(await scene.findWork('place-build')).toBeUndefined()
      await scene.remove()
      const second = await scene.run()
      expect(second.name.attempt).toBe(2)
      await dies(scene, second.name)
      const build = await scene.build(second.name)
      expect(build).toMatchObject({ status: 'lost', attempt: 2 })
      expect(build.attempts).toHaveLength(2)
    })

    test("another task's end is passed over: a second process of the app lost the claim", async () => {
      const scene = await openScene(open)
      const { name: attempt, placed } = await scene.running()
      await scene.end(attempt, taskOf(placed.appId, 2))
      expect(await scene.findWork('remove-build')).toBeUndefined()
      await scene.report(attempt)
      expect(await scene.build(attempt)).toMatchObject({ status: 'success' })
    })

    test('after the result it is no death', async () => {
      const scene = await openScene(open)
      const { name: attempt, placed } = await scene.running({ attemptsMax: 3 })
      await scene.report(attempt)
      await scene.end(attempt, taskOf(placed.appId), 'TASK_FINISHED')
      await scene.remove()
      const build = await scene.build(attempt)
      expect(build).toMatchObject({ status: 'success', attempt: 1 })
      expect(build.attempts).toMatchObject([{ endedState: 'TASK_FINISHED' }])
      expect(await scene.findWork('place-build')).toBeUndefined()
    })

    test('told again, and told once the app is removed, it changes nothing', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running({ attemptsMax: 2 })
      await scene.end(attempt)
      await scene.end(attempt, null, 'APP_GONE')
      await scene.remove()
      await scene.end(attempt)
      expect(await scene.findWork('remove-build')).toBeUndefined()
      expect(await scene.build(attempt)).toMatchObject({ status: 'queued' })
      expect((await scene.build(attempt)).attempts).toMatchObject([{ endedState: 'TASK_FAILED' }])
    })

    test('told while the app is being removed, the app is removed once more, and the build goes on once', async () => {
      const scene = await openScene(open, { placingMs: minuteMs })
      await scene.queue()
      const placed = await scene.place()
      await scene.ports.work.watch(scene.now, scene.pass(minuteMs))
      const removal = await scene.take('remove-build')
      await scene.end(nameOf(placed))
      await scene.done(removal, {})
      expect(await scene.build(placed)).toMatchObject({ status: 'queued' })
      await scene.remove()
      expect(await scene.build(placed)).toMatchObject({ status: 'queued', reason: { code: 'ran.attempt' } })
      const next = await scene.run()
      expect(next.name.attempt).toBe(2)
      expect(await scene.findWork('remove-build')).toBeUndefined()
    })

    test('of what was never placed it is unknown', async () => {
      const scene = await openScene(open)
      const { pipeline, number } = await scene.queue()
      await expect(scene.end({ pipeline, number, attempt: 1 })).rejects.toMatchObject({ code: 'ATTEMPT_UNKNOWN' })
    })

    test('a removal that nobody finishes is given to the next', async () => {
      const scene = await openScene(open, { leaseMs: secondMs })
      await scene.queue()
      const placed = await scene.place()
      await scene.end(nameOf(placed))
      const slow = await scene.take('remove-build')
      scene.pass(secondMs)
      const second = await scene.take('remove-build')
      expect(second.payload).toEqual(slow.payload)
      await expect(scene.done(slow, {})).rejects.toMatchObject({ code: 'WORK_MOVED_ON' })
      await scene.done(second, {})
      await scene.ports.attempts.claim(claimOf(await scene.place()), scene.now)
    })
  })
}
