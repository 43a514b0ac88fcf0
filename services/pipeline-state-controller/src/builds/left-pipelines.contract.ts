import { describe, expect, test } from 'vitest'
import { builtBy, commitOf, main } from '../testing/samples.ts'
import { type OpenPorts, openScene, type Scene } from '../testing/scene.ts'

const skippedPaths = { code: 'skipped.paths', args: { paths: 'deploy/**' } } as const

async function registered(open: OpenPorts): Promise<Scene> {
  const scene = await openScene(open)
  await scene.register()
  return scene
}

/** Which pipelines the overview has: those of the default branch, as its head has them. */
export function leftPipelinesContract(name: string, open: OpenPorts): void {
  describe(`${name}: a pipeline that left the default branch`, () => {
    const shown = async (scene: Scene) =>
      (await scene.ports.builds.listPipelines()).map(({ pipeline }) => pipeline).filter((one) => !one.startsWith('~'))
    const push = async (scene: Scene, before: string, commit: string, ref = main) => {
      await scene.push(before, commit, { ref })
    }
    const [a, b, c] = [1, 2, 3].map(commitOf) as [string, string, string]
    /** Two pipelines, the second with a build that runs or waits; its meta-build waits. */
    const two = async () => {
      const scene = await registered(open)
      await scene.resolve(builtBy('todo'), builtBy('todo/deploy'))
      return scene
    }
    const endDeploy = (scene: Scene) => scene.ports.builds.kill('~todo/deploy', 1, 'Ann', 'over', scene.now)

    test('leaves the overview, with its meta-pipeline, once no build of it is on its way; its builds stay', async () => {
      const scene = await two()
      await push(scene, a, b)
      await scene.resolve(builtBy('todo'))
      expect(await shown(scene)).toEqual(['todo', 'todo/deploy'])

      await endDeploy(scene)

      const rows = await scene.ports.builds.listPipelines()
      expect(rows.map(({ pipeline }) => pipeline)).toEqual(['todo', '~todo'])
      expect(await scene.build({ pipeline: 'todo/deploy', number: 1 })).toMatchObject({ status: 'failure' })
      expect(await scene.ports.builds.list({ pipeline: 'todo/deploy', limit: 9 })).toHaveLength(1)
    })

    test('whoever follows hears of it: the repository changed', async () => {
      const scene = await two()
      await endDeploy(scene)
      await push(scene, a, b)
      const before = await scene.ports.events.newestId()
      await scene.resolve(builtBy('todo'))
      expect((await scene.ports.events.since(before, 99))?.map(({ type }) => type)).toContain('repository')
    })

    test('is back as soon as the default branch has it again', async () => {
      const scene = await two()
      await endDeploy(scene)
      await push(scene, a, b)
      await scene.resolve(builtBy('todo'))
      await push(scene, b, c)
      await scene.resolve(builtBy('todo'), { pipeline: 'todo/deploy', build: null, skipped: skippedPaths })
      expect(await shown(scene)).toEqual(['todo', 'todo/deploy'])
    })

    test('has not left because of another branch, or of a commit that tells nothing of pipelines', async () => {
      const scene = await two()
      await endDeploy(scene)
      await push(scene, a, b, 'refs/heads/other')
      await scene.resolve(builtBy('todo'))
      await push(scene, a, c)
      const skipped = { state: 'skipped', reason: { code: 'skipped.ci', args: { mark: '[skip ci]' } } } as const
      await scene.done(await scene.take('resolve'), { info: null, resolutions: [], whole: skipped })
      expect(await shown(scene)).toEqual(['todo', 'todo/deploy'])
    })

    test('that only another branch ever had is shown', async () => {
      const scene = await registered(open)
      await scene.resolve(builtBy('todo'))
      await push(scene, a, b, 'refs/heads/other')
      await scene.resolve(builtBy('todo'), builtBy('todo/trial'))
      await push(scene, a, c)
      await scene.resolve(builtBy('todo'))
      await scene.ports.builds.kill('~todo/trial', 1, 'Ann', 'over', scene.now)
      expect(await shown(scene)).toEqual(['todo', 'todo/trial'])
    })

    test('with all the others: a commit without any pipeline empties the overview', async () => {
      const scene = await two()
      for (const { pipeline, number } of await scene.ports.builds.list({ limit: 9 }))
        if (pipeline.startsWith('~')) await scene.ports.builds.kill(pipeline, number, 'Ann', 'over', scene.now)
      await push(scene, a, b)
      const none = { state: 'skipped', reason: { code: 'skipped.none', args: { hash: 'b' } } } as const
      await scene.done(await scene.take('resolve'), { info: null, resolutions: [], whole: none })
      expect(await scene.ports.builds.listPipelines()).toEqual([])
    })
  })
}
