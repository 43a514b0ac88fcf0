import { describe, expect, test } from 'vitest'
import {
  builtBy,
  commitOf,
  descriptionOf,
  hourMs,
  info,
  keyFor,
  keyOf,
  main,
  minuteMs,
  taskOf,
} from '../testing/samples.ts'
import { nameOf, type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const key = keyFor('todo')
const description = descriptionOf()
const bytes = Buffer.from('export default 1')
const meta = { pipeline: '~todo', number: 1 }

/** The part of a bundle's address that only its app knows. */
const bundleKeyOf = ({ bundle }: { bundle: { path: string } }): string => bundle.path.split('/').at(-2) ?? ''

export function versionStoreContract(name: string, open: OpenPorts): void {
  /** A build that waits for its version, and what makes it. */
  const waiting = async () => {
    const scene = await openScene(open)
    await scene.register()
    const build = await scene.start()
    await scene.putMetaPipeline()
    return { scene, build }
  }
  const publish = async (scene: Scene, by: Parameters<Scene['report']>[0]) => {
    const digest = await scene.ports.versions.putBundle(by, key, bytes, scene.now)
    return scene.ports.versions.publish(by, key, { digest, description }, scene.now)
  }
  /** A step of the meta-build prints, fails, and so does the meta-build. `1` is its install, `2` its test. */
  const fail = async (scene: Scene, said: string, step = '2') => {
    const { name } = await scene.run('place-meta')
    await scene.plan(name)
    await scene.events(name, 1, scene.step(step, 'running'))
    if (said !== '') await scene.ports.outputs.append(name, step, 0, Buffer.from(said), 'process', scene.now)
    await scene.events(name, 2, scene.step(step, 'failure'))
    await scene.report(name, { status: 'failure' })
  }

  describe(`${name} is a version store`, () => {
    test('a key nobody knows has no version', async () => {
      const { versions } = (await openScene(open)).ports
      expect(await versions.lookup([key, keyOf(2)])).toEqual([])
      await expect(versions.get(key)).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' })
    })

    test('assembling: a meta-build is queued, one for all builds of the key, and shows as a build', async () => {
      const { scene, build } = await waiting()
      const second = await scene.start()
      expect([build, second]).toMatchObject([
        { number: 1, status: 'assembling', versionKey: key, reason: { code: 'waits.version' } },
        { number: 2, status: 'assembling' },
      ])
      const version = { key, pipeline: 'todo', status: 'assembling', metaBuild: 1, digest: null, description: null }
      expect(await scene.ports.versions.lookup([keyOf(2), key])).toMatchObject([version])
      expect(await scene.build(meta)).toMatchObject({ status: 'queued', commit: commitOf(1), ref: main, entry: null })
      expect(await scene.ports.builds.list({ pipeline: '~todo', limit: 9 })).toHaveLength(1)
    })

    test('a meta-build is told what to assemble', async () => {
      const { scene } = await waiting()
      const { answer } = await scene.run('place-meta')
      expect(answer.assembly).toEqual(builtBy('todo').build?.assembly)
    })

    test('published: the version is ready, and the builds that waited are placed in their order', async () => {
      const { scene } = await waiting()
      await scene.start()
      await scene.start()
      const { name } = await scene.run('place-meta')
      const version = await publish(scene, name)
      expect(version).toMatchObject({ status: 'ready', message: null, metaBuild: 1, description })
      expect(await scene.ports.versions.get(key)).toEqual(version)
      const placed = [await scene.place(), await scene.place(), await scene.place()]
      expect(placed.map(({ number }) => number)).toEqual([1, 2, 3])
      expect(placed[0]).toMatchObject({ bundle: { digest: version.digest }, cpus: description.cpus, memMb: 256 })
      expect((await scene.build({ pipeline: 'todo', number: 1 })).queuedAt).toBe(scene.now.toISOString())
    })

    test('a build of a ready version waits for nothing', async () => {
      const scene = await openScene(open)
      await scene.queue()
      expect(await scene.start()).toMatchObject({ number: 2, status: 'queued' })
      expect(await scene.ports.builds.list({ pipeline: '~todo', limit: 9 })).toHaveLength(1)
    })

    test('publishing may be repeated; another bundle of a ready version is refused', async () => {
      const { scene } = await waiting()
      const { name } = await scene.run('place-meta')
      const version = await publish(scene, name)
      expect(await publish(scene, name)).toEqual(version)
      const other = await scene.ports.versions.putBundle(name, key, Buffer.from('other'), scene.now)
      const again = scene.ports.versions.publish(name, key, { digest: other, description }, scene.now)
      await expect(again).rejects.toMatchObject({ code: 'VERSION_SETTLED' })
      expect(await scene.ports.versions.get(key)).toEqual(version)
      expect(await scene.ports.builds.list({ status: 'queued', limit: 9 })).toHaveLength(1)
    })

    test('a bundle has to be there before it is published, and has to have bytes', async () => {
      const { scene } = await waiting()
      const { name } = await scene.run('place-meta')
      const { versions } = scene.ports
      const early = versions.publish(name, key, { digest: keyOf(9), description }, scene.now)
      await expect(early).rejects.toMatchObject({ code: 'BUNDLE_MISSING' })
      const empty = versions.putBundle(name, key, Buffer.alloc(0), scene.now)
      await expect(empty).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
      expect((await versions.get(key)).status).toBe('assembling')
    })

    test('a build may publish nothing, and a meta-build only the key it was started for', async () => {
      const { scene } = await waiting()
      await scene.start('todo/deploy')
      const foreign = await scene.run('place-meta')
      await publish(scene, foreign.name)
      const build = await scene.run()
      const { versions } = scene.ports
      const refused = { code: 'VERSION_FOREIGN' }
      for (const [by, wanted] of [
        [foreign.name, keyFor('todo/deploy')],
        [build.name, key],
      ] as const) {
        await expect(versions.putBundle(by, wanted, bytes, scene.now)).rejects.toMatchObject(refused)
        const published = versions.publish(by, wanted, { digest: keyOf(9), description }, scene.now)
        await expect(published).rejects.toMatchObject(refused)
      }
      expect((await versions.get(keyFor('todo/deploy'))).status).toBe('assembling')
    })

    test('a meta-build that is over, or was not claimed, may publish nothing', async () => {
      const { scene } = await waiting()
      const placed = await scene.place('place-meta')
      await expect(publish(scene, nameOf(placed))).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      await scene.end(nameOf(placed))
      await scene.remove('remove-meta')
      const { name } = await scene.run('place-meta')
      await scene.report(name, { status: 'failure' })
      await expect(publish(scene, name)).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' })
      await expect(publish(scene, { ...name, attempt: 9 })).rejects.toMatchObject({ code: 'ATTEMPT_UNKNOWN' })
    })

    test("broken: the version and the builds that waited say the compiler's own words", async () => {
      const { scene, build } = await waiting()
      await fail(scene, "\u001b[31mpipeline.ts(3,1): error TS2304\u001b[0m: Cannot find name 'stpe'.\r\n")
      const message = "pipeline.ts(3,1): error TS2304: Cannot find name 'stpe'."
      expect(await scene.ports.versions.get(key)).toMatchObject({ status: 'broken', message, digest: null })
      const reason = { code: 'failure.version', args: { message } }
      expect(await scene.build(build)).toMatchObject({ status: 'failure', reason, attempt: 0 })
    })

    test.each([
      ['a step that failed silently', async (scene: Scene) => fail(scene, ''), /the step test of ~todo#1 failed/],
      [
        'one that ended well without publishing',
        async (scene: Scene) => scene.report((await scene.run('place-meta')).name),
        /~todo#1 published nothing/,
      ],
    ])('broken by %s says so', async (_what, breaks, message) => {
      const { scene } = await waiting()
      await breaks(scene)
      expect(await scene.ports.versions.get(key)).toMatchObject({ status: 'broken' })
      expect((await scene.ports.versions.get(key)).message).toMatch(message)
    })

    test('a meta-build whose process dies is tried again, as its own pipeline says; the builds go on waiting', async () => {
      const { scene, build } = await waiting()
      const tough = descriptionOf({ name: 'meta', attemptsMax: 2 })
      await scene.ports.versions.putMetaPipeline(Buffer.from('tough meta-pipeline'), tough, scene.now)
      const die = async () => {
        const { name, placed } = await scene.run('place-meta')
        await scene.end(name, taskOf(placed.appId))
        await scene.remove('remove-meta')
      }
      await die()
      expect(await scene.build(meta)).toMatchObject({ status: 'queued', attempt: 1 })
      expect(await scene.build(build)).toMatchObject({ status: 'assembling' })
      await die()
      expect(await scene.build(meta)).toMatchObject({ status: 'lost', attempt: 2 })
      expect(await scene.build(build)).toMatchObject({ status: 'failure', reason: { code: 'failure.assembly' } })
    })

    test('the same code is not assembled again by itself: the next commit fails with it at once', async () => {
      const { scene } = await waiting()
      await fail(scene, 'no such file')
      const entry = await scene.resolve(builtBy('todo'))
      expect(entry.fates).toMatchObject([{ build: 2, buildStatus: 'failure' }])
      expect(await scene.findWork('place-meta')).toBeUndefined()
    })

    test('a person who asks for it has broken code assembled again', async () => {
      const { scene } = await waiting()
      await fail(scene, 'wrong')
      expect(await scene.start()).toMatchObject({ status: 'assembling' })
      expect(await scene.ports.versions.get(key)).toMatchObject({ status: 'assembling', message: null, metaBuild: 2 })
      const { name } = await scene.run('place-meta')
      expect(await publish(scene, name)).toMatchObject({ status: 'ready' })
      expect(await scene.build({ pipeline: 'todo', number: 2 })).toMatchObject({ status: 'queued' })
    })

    test.each([
      [
        'was lost',
        async (scene: Scene) => {
          await scene.end((await scene.run('place-meta')).name)
          await scene.remove('remove-meta')
        },
        /~todo#1 was lost/,
      ],
      [
        'was killed',
        (scene: Scene) => scene.ports.builds.kill('~todo', 1, 'Ann', 'wrong', scene.now),
        /~todo#1 was killed/,
      ],
      [
        'was refused by Marathon',
        async (scene: Scene) => scene.done(await scene.take('place-meta'), { refused: 'no such user' }),
        /no such user/,
      ],
      ['could not install', async (scene: Scene) => fail(scene, 'the registry is away', '1'), /the registry is away/],
      [
        'took too long',
        async (scene: Scene) => scene.report((await scene.run('place-meta')).name, { status: 'timed-out' }),
        /published nothing/,
      ],
    ])('a meta-build that %s says nothing about the code: it is assembled anew', async (_how, ends, message) => {
      const { scene, build } = await waiting()
      await ends(scene)
      const { status, reason } = await scene.build(build)
      expect([status, reason?.code]).toEqual(['failure', 'failure.assembly'])
      expect(reason?.args['message']).toMatch(message)
      await expect(scene.ports.versions.get(key)).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' })
      const entry = await scene.resolve(builtBy('todo'))
      expect(entry.fates).toMatchObject([{ buildStatus: 'assembling' }])
      expect(await scene.ports.versions.get(key)).toMatchObject({ status: 'assembling', metaBuild: 2 })
    })

    test('a bundle is read by the address that its app was given, until its attempt is over', async () => {
      const { scene } = await waiting()
      const metaRun = await scene.run('place-meta')
      await publish(scene, metaRun.name)
      const placed = await scene.place()
      const { versions } = scene.ports
      expect(await versions.readBundle(bundleKeyOf(metaRun.placed))).toEqual(Buffer.from('meta-pipeline'))
      expect(await versions.readBundle(bundleKeyOf(placed))).toEqual(bytes)
      await scene.end(nameOf(placed))
      const unknown = { code: 'BUNDLE_UNKNOWN' }
      await expect(versions.readBundle(bundleKeyOf(placed))).rejects.toMatchObject(unknown)
      await expect(versions.readBundle(placed.bundle.digest)).rejects.toMatchObject(unknown)
      await scene.report(metaRun.name)
      await expect(versions.readBundle(bundleKeyOf(metaRun.placed))).rejects.toMatchObject(unknown)
    })

    test('no meta-build is placed before the meta-pipeline was put; a new one is for those placed from then on', async () => {
      const scene = await openScene(open)
      await scene.register()
      await scene.start()
      await scene.start('todo/deploy')
      expect(await scene.findWork('place-meta')).toBeUndefined()
      const digest = await scene.putMetaPipeline()
      expect(await scene.putMetaPipeline()).toBe(digest)
      const first = await scene.place('place-meta')
      scene.pass(minuteMs)
      const { versions } = scene.ports
      const newer = await versions.putMetaPipeline(Buffer.from('newer'), descriptionOf({ memMb: 512 }), scene.now)
      const second = await scene.place('place-meta')
      expect([first, second]).toMatchObject([{ bundle: { digest } }, { bundle: { digest: newer }, memMb: 512 }])
      expect(await versions.readBundle(bundleKeyOf(first))).toEqual(Buffer.from('meta-pipeline'))
      expect((await scene.run('place-meta').catch((error: Error) => error.message)) as string).toMatch(/no work/)
    })

    test('a commit that is told while its version is assembled waits with the others', async () => {
      const { scene } = await waiting()
      const { name } = await scene.run('place-meta')
      scene.pass(hourMs)
      const start = { requestId: 'by-a-person', commit: commitOf(2), ref: main, info, resolutions: [builtBy('todo')] }
      const [later] = await scene.ports.builds.start('todo', start, 'Ann', scene.now)
      expect(later).toMatchObject({ status: 'assembling' })
      await publish(scene, name)
      expect(await scene.build({ pipeline: 'todo', number: 2 })).toMatchObject({ status: 'queued' })
    })
  })
}
