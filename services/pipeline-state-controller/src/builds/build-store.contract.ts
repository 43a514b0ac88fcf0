import { describe, expect, test } from 'vitest'
import { builtBy, commitOf, info, keyFor, keyOf, main, minuteMs, secondMs } from '../testing/samples.ts'
import { type OpenPorts, openScene, type Scene } from '../testing/scene.ts'
import { killContract } from './kill.contract.ts'
import { leftPipelinesContract } from './left-pipelines.contract.ts'

const todo = { pipeline: 'todo', number: 1 }
const wanted = (requestId: string, ...resolutions: ReturnType<typeof builtBy>[]) => ({
  ...{ requestId, commit: commitOf(7), ref: main, info },
  resolutions: resolutions.length === 0 ? [builtBy('todo')] : resolutions,
})

export function buildStoreContract(name: string, open: OpenPorts): void {
  killContract(name, open)
  retriggerContract(name, open)
  leftPipelinesContract(name, open)
  const registered = async (): Promise<Scene> => {
    const scene = await openScene(open)
    await scene.register()
    return scene
  }

  describe(`${name} is a build store`, () => {
    test('what a person starts has the next number of each pipeline, and says who it was', async () => {
      const scene = await registered()
      const start = wanted('request-1', builtBy('todo'), builtBy('todo/deploy'))
      const builds = await scene.ports.builds.start('todo', start, 'Ann', scene.now)
      expect(builds.map(({ pipeline, number }) => [pipeline, number])).toEqual([
        ['todo', 1],
        ['todo/deploy', 1],
      ])
      const cause = { code: 'ran.person', args: { who: 'Ann' } }
      expect(builds[0]).toMatchObject({ cause, commit: commitOf(7), ref: main, repository: 'todo', entry: null })
      expect(builds[0]).toMatchObject({
        ...info,
        createdAt: scene.now.toISOString(),
        queuedAt: null,
        killWanted: false,
      })
      expect(await scene.start()).toMatchObject({ number: 2 })
    })

    test('asked again with the same request it starts nothing again', async () => {
      const scene = await registered()
      const first = await scene.ports.builds.start('todo', wanted('request-1'), 'Ann', scene.now)
      scene.pass(minuteMs)
      const again = await scene.ports.builds.start(
        'todo',
        wanted('request-1', builtBy('todo/deploy')),
        'Bob',
        scene.now,
      )
      expect(again).toEqual(first)
      const other = await scene.ports.builds.start('todo', wanted('request-2'), 'Ann', scene.now)
      expect(other).toMatchObject([{ number: 2 }])
      expect(await scene.ports.builds.list({ pipeline: 'todo', limit: 9 })).toHaveLength(2)
    })

    test('what cannot be started starts nothing', async () => {
      const scene = await registered()
      const { builds } = scene.ports
      const unknown = builds.start('shop', wanted('request-1'), 'Ann', scene.now)
      await expect(unknown).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      const foreign = builds.start('todo', wanted('request-1', builtBy('todo'), builtBy('shop')), 'Ann', scene.now)
      await expect(foreign).rejects.toMatchObject({ code: 'PIPELINE_FOREIGN' })
      const wrong = { ...builtBy('todo/deploy'), build: builtBy('todo').build }
      const mixed = builds.start('todo', wanted('request-1', builtBy('todo'), wrong), 'Ann', scene.now)
      await expect(mixed).rejects.toMatchObject({ code: 'ASSEMBLY_WRONG' })
      expect(await builds.list({ limit: 9 })).toEqual([])
      expect(await builds.start('todo', wanted('request-1'), 'Ann', scene.now)).toMatchObject([{ number: 1 }])
    })

    test('a build is shown whole, with its attempts and the steps of the newest one', async () => {
      const scene = await openScene(open)
      const { name: attempt, placed } = await scene.running()
      await scene.plan(attempt)
      const build = await scene.build(todo)
      expect(build.attempts).toMatchObject([{ number: 1, appId: placed.appId, placedAt: scene.now.toISOString() }])
      expect(build.steps).toMatchObject([{ id: '1' }, { id: '2' }])
      await expect(scene.build({ ...todo, number: 2 })).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })
      await expect(scene.build({ ...todo, pipeline: 'shop' })).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })
    })

    test('builds are listed, the newest first, by what is asked for', async () => {
      const scene = await registered()
      await scene.register({ slug: 'shop' })
      await scene.start()
      await scene.ports.builds.start('todo', wanted('request-9'), 'Ann', scene.now)
      await scene.start('shop')
      const list = async (query: object) => {
        const builds = await scene.ports.builds.list({ limit: 99, ...query })
        return builds.map(({ pipeline, number }) => `${pipeline}#${number}`)
      }
      expect(await list({})).toEqual(['~shop#1', 'shop#1', 'todo#2', '~todo#1', 'todo#1'])
      expect(await list({ pipeline: 'todo' })).toEqual(['todo#2', 'todo#1'])
      expect(await list({ repository: 'shop' })).toEqual(['~shop#1', 'shop#1'])
      expect(await list({ commit: commitOf(7) })).toEqual(['todo#2'])
      expect(await list({ status: 'queued' })).toEqual(['~shop#1', '~todo#1'])
      expect(await list({ status: 'assembling', repository: 'todo', limit: 1 })).toEqual(['todo#2'])
      expect(await list({ pipeline: 'nobody' })).toEqual([])
    })

    test('they are paged by the moment they were made, which no two share', async () => {
      const scene = await registered()
      for (const _ of Array(5)) await scene.start()
      const seen: number[] = []
      for (let before: number | undefined; ; ) {
        const [build] = await scene.ports.builds.list({ pipeline: 'todo', limit: 1, before })
        if (build === undefined) break
        seen.push(build.number)
        before = Date.parse(build.createdAt)
      }
      expect(seen).toEqual([5, 4, 3, 2, 1])
    })

    test('the overview has a row for each pipeline: the newest build, and the last that ended', async () => {
      const scene = await openScene(open)
      const first = await scene.running()
      await scene.report(first.name, { status: 'failure' })
      await scene.start()
      const second = await scene.run()
      const row = async () => (await scene.ports.builds.listPipelines()).find(({ pipeline }) => pipeline === 'todo')
      expect(await row()).toMatchObject({
        repository: 'todo',
        newest: { number: 2, status: 'running' },
        lastEnded: { number: 1, status: 'failure' },
      })
      await scene.report(second.name)
      expect(await row()).toMatchObject({ newest: { number: 2, status: 'success' }, lastEnded: { number: 2 } })
      const { steps: _steps, attempts: _attempts, ...build } = await scene.build(second.name)
      expect((await row())?.newest).toEqual(build)
    })

    test('an older build that ends later does not hide the newer one', async () => {
      const scene = await openScene(open)
      const first = await scene.running()
      await scene.start()
      const second = await scene.run()
      await scene.report(second.name)
      await scene.report(first.name, { status: 'failure' })
      const rows = await scene.ports.builds.listPipelines()
      expect(rows.find(({ pipeline }) => pipeline === 'todo')).toMatchObject({
        newest: { number: 2 },
        lastEnded: { number: 2, status: 'success' },
      })
      expect(rows.map(({ pipeline }) => pipeline)).toEqual(['todo', '~todo'])
    })

    test('a request is remembered for a while only', async () => {
      const scene = await registered()
      await scene.ports.builds.start('todo', wanted('request-1'), 'Ann', scene.now)
      await scene.ports.work.tidy(scene.pass(minuteMs))
      expect(await scene.ports.builds.start('todo', wanted('request-1'), 'Ann', scene.now)).toMatchObject([
        { number: 1 },
      ])
      await scene.ports.work.tidy(scene.pass(48 * 60 * minuteMs))
      expect(await scene.ports.builds.start('todo', wanted('request-1'), 'Ann', scene.now)).toMatchObject([
        { number: 2 },
      ])
    })
  })
}

function retriggerContract(name: string, open: OpenPorts): void {
  const retrigger = (scene: Scene, { pipeline, number } = todo) =>
    scene.ports.builds.retrigger(pipeline, number, 'Bob', scene.now)

  describe(`${name} runs builds again`, () => {
    test('the same commit and version, under the next number', async () => {
      const scene = await openScene(open)
      const { name: attempt } = await scene.running()
      await scene.report(attempt, { status: 'failure' })
      scene.pass(secondMs)
      const again = await retrigger(scene)
      const before = await scene.build(todo)
      const cause = { code: 'ran.again', args: { who: 'Bob', number: 1 } }
      expect(again).toMatchObject({ pipeline: 'todo', number: 2, status: 'queued', cause, entry: null, ...info })
      expect([again.commit, again.ref, again.versionKey]).toEqual([before.commit, before.ref, before.versionKey])
      expect(before).toMatchObject({ status: 'failure', number: 1 })
      expect(await retrigger(scene)).toMatchObject({ number: 3 })
    })

    test('one that is still under way may be run again too', async () => {
      const scene = await openScene(open)
      await scene.running()
      expect(await retrigger(scene)).toMatchObject({ number: 2, status: 'queued' })
    })

    test('one whose code did not compile has it assembled again', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.start()
      await scene.putMetaPipeline()
      const { name: attempt } = await scene.run('place-meta')
      await scene.report(attempt, { status: 'failure' })
      expect(await retrigger(scene)).toMatchObject({ number: 2, status: 'assembling' })
      expect(await scene.ports.versions.get(keyFor('todo'))).toMatchObject({ status: 'assembling', metaBuild: 2 })
    })

    test('a meta-build is run again, or joined if one is under way, unless its version is ready', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.start()
      await scene.putMetaPipeline()
      const { name: attempt } = await scene.run('place-meta')
      const meta = { pipeline: '~todo', number: 1 }
      expect(await retrigger(scene, meta)).toMatchObject(meta)
      await scene.report(attempt, { status: 'failure' })
      const cause = { code: 'ran.again', args: { who: 'Bob', number: 1 } }
      expect(await retrigger(scene, meta)).toMatchObject({ ...meta, number: 2, cause, status: 'queued' })
      await scene.assemble()
      await expect(retrigger(scene, meta)).rejects.toMatchObject({ code: 'VERSION_READY', fields: meta })
    })

    test('what is not there, or whose repository was removed, is not run again', async () => {
      const scene = await openScene(open)
      await scene.queue()
      await expect(retrigger(scene, { ...todo, number: 9 })).rejects.toMatchObject({ code: 'BUILD_UNKNOWN' })
      await scene.ports.repositories.remove('todo', 'Bob', scene.now)
      await expect(retrigger(scene)).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN' })
      expect(await scene.ports.builds.list({ pipeline: 'todo', limit: 9 })).toHaveLength(1)
    })

    test('each pipeline counts for itself', async () => {
      const scene = await openScene(open)
      await scene.queue()
      await scene.ports.builds.start('todo', wanted('request-2', builtBy('todo/deploy', keyOf(3))), 'Ann', scene.now)
      expect(await retrigger(scene)).toMatchObject({ number: 2 })
      expect(await retrigger(scene, { pipeline: 'todo/deploy', number: 1 })).toMatchObject({ number: 2 })
    })
  })
}
