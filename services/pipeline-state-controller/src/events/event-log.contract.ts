import type { StateEvent } from '@baton/state-client'
import { describe, expect, test } from 'vitest'
import { builtBy, commitOf, minuteMs } from '../testing/samples.ts'
import { type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

export function eventLogContract(name: string, open: OpenPorts): void {
  /** What a follower hears, in the order of coming. */
  const listen = (scene: Scene): StateEvent[] => {
    const heard: StateEvent[] = []
    scene.ports.hub.listen((events) => void heard.push(...events))
    return heard
  }
  const since = async (scene: Scene, id: number, limit = 1_000) => {
    const events = await scene.ports.events.since(id, limit)
    if (events === undefined) throw new Error(`what follows ${id} is not kept`)
    return events
  }

  describe(`${name} is an event log`, () => {
    test('an empty one has no events, and says so', async () => {
      const scene = await openScene(open)
      expect(await scene.ports.events.newestId()).toBe(0)
      expect(await since(scene, 0)).toEqual([])
    })

    test('every change is an event, with growing ids; whoever followed heard the same', async () => {
      const scene = await openScene(open)
      const heard = listen(scene)
      const { name: attempt } = await scene.running()
      await scene.report(attempt)
      const events = await since(scene, 0)
      expect(events.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['repository', 'ledger', 'build', 'version', 'attempt']),
      )
      const ids = events.map(({ id }) => id)
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
      expect(await scene.ports.events.newestId()).toBe(ids.at(-1))
      expect(heard).toEqual(events)
    })

    test('a change that is refused is no event, and one that changes nothing neither', async () => {
      const scene = await openScene(open)
      await scene.register()
      const heard = listen(scene)
      const before = await scene.ports.events.newestId()
      await expect(scene.register()).rejects.toThrow()
      await expect(scene.start('shop')).rejects.toThrow()
      await scene.findWork('place-build')
      await scene.ports.work.watch(scene.now, scene.now)
      await scene.ports.work.tidy(scene.now)
      expect(await scene.ports.events.newestId()).toBe(before)
      expect(heard).toEqual([])
    })

    test('an event shows the whole thing as it is after the command, once, however often it changed within', async () => {
      const scene = await openScene(open)
      const { pipeline, number } = await scene.queue()
      const heard = listen(scene)
      await scene.place()
      await scene.ports.builds.kill(pipeline, number, 'Ann', 'wrong', scene.now)
      const builds = heard.filter(({ type }) => type === 'build')
      expect(builds.map(({ data }) => (data as { status: string }).status)).toEqual(['placing', 'killed'])
      const { steps: _steps, attempts: _attempts, ...build } = await scene.build({ pipeline, number })
      expect(builds.at(-1)).toMatchObject({ topics: ['overview', 'pipeline:todo', 'build:todo#1'], data: build })
    })

    test('what a follower has to know to ask only for what concerns it', async () => {
      const scene = await openScene(open)
      const heard = listen(scene)
      const { name: attempt } = await scene.running()
      await scene.plan(attempt)
      await scene.events(attempt, 1, scene.step('1', 'running'))
      await scene.ports.outputs.append(attempt, '1', 0, Buffer.from('abc'), 'process', scene.now)
      await scene.resolve(builtBy('todo'))
      const last = (type: string) => heard.filter((one) => one.type === type).at(-1)
      expect(last('ledger')).toMatchObject({
        topics: ['ledger:todo'],
        data: { state: 'resolved', fates: [{ build: 2 }] },
      })
      expect(last('repository')).toMatchObject({ topics: ['repositories'], data: { slug: 'todo' } })
      expect(last('version')).toMatchObject({ topics: ['pipeline:todo'], data: { status: 'ready', description: null } })
      expect(last('attempt')).toMatchObject({ topics: ['build:todo#1'], data: { number: 1, attempt: { number: 1 } } })
      expect(last('step')).toMatchObject({
        topics: ['pipeline:todo', 'build:todo#1'],
        data: { pipeline: 'todo', number: 1, attempt: 1, step: { id: '1', status: 'running', outputBytes: 3 } },
      })
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      expect(last('repository')).toMatchObject({ data: { slug: 'todo', removed: true } })
    })

    test('a follower that was cut off goes on where it was, in pages', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running()
      await scene.report(attempt)
      const all = await since(scene, 0)
      const seen: StateEvent[] = []
      for (let id = 0; ; ) {
        const page = await since(scene, id, 3)
        expect(page.length).toBeLessThanOrEqual(3)
        if (page.length === 0) break
        seen.push(...page)
        id = page.at(-1)?.id ?? Number.NaN
      }
      expect(seen).toEqual(all)
    })

    test('an id of another database, which is not reached yet, is not kept', async () => {
      const scene = await openScene(open)
      await scene.register()
      const newest = await scene.ports.events.newestId()
      expect(await scene.ports.events.since(newest, 9)).toEqual([])
      expect(await scene.ports.events.since(newest + 1, 9)).toBeUndefined()
    })

    test('trimmed, whoever is too far behind is told so, the others go on; ids go on too', async () => {
      const scene = await openScene(open)
      await scene.register()
      for (let n = 0; n < 25; n += 1) {
        const changes = Array.from({ length: 1_000 }, (_, at) => ({
          ref: `refs/tags/${n}-${at}`,
          before: null,
          after: commitOf(2),
        }))
        await scene.push(null, null, { changes })
      }
      const newest = await scene.ports.events.newestId()
      expect(newest).toBeGreaterThan(25_000)
      expect(await scene.ports.events.since(1, 2)).toHaveLength(2)
      await scene.ports.work.tidy(scene.pass(minuteMs))
      expect(await scene.ports.events.since(1, 2)).toBeUndefined()
      expect((await since(scene, newest - 10)).map(({ id }) => id)).toEqual(
        Array.from({ length: 10 }, (_, at) => newest - 9 + at),
      )
      await scene.register({ slug: 'shop' })
      expect(await scene.ports.events.newestId()).toBeGreaterThan(newest)
    })
  })
}
