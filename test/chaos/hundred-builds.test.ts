import { isMetaPipeline } from '@baton/model'
import type { BuildDetail } from '@baton/state-client'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'
import { collectFacts } from './collect-facts.ts'
import { findFaults } from './find-faults.ts'
import { prepareNextRelease } from './next-release.ts'
import { type PushOptions, Scene, type Witnessed } from './scene.ts'

const repositoryCount = 20
const pushesEach = 5
const runningMaxMs = 60_000
const wave = { lines: 10, pauseS: 0.02 }
/** Long enough to run while a whole platform is replaced. */
const long = { lines: 60, pauseS: 0.25 }
const settleMaxMs = 240_000

let platform: StartedPlatform
let scene: Scene
let repositories: Witnessed[]

beforeAll(async () => {
  platform = await startPlatform()
  scene = new Scene(platform)
  const names = Array.from({ length: repositoryCount }, (_, index) => `shop-${index + 1}`)
  repositories = await Promise.all(names.map((name) => scene.register(name)))
  await scene.settles(settleMaxMs)
}, settleMaxMs)

afterAll(() => platform?.stop(), settleMaxMs)

/** Pushes `count` commits to each repository, and then tells of all of them in the same moment. */
async function pushToAll(count: number, options: PushOptions): Promise<void> {
  const pushes = await Promise.all(
    repositories.map(async (one) => {
      const moves = []
      for (let n = 0; n < count; n += 1) moves.push(await scene.commit(one, options))
      return moves.map((moved) => ({ one, moved }))
    }),
  )
  await Promise.all(pushes.flat().map(({ one, moved }) => scene.tell(one, moved, platform.file.spawnerUrl)))
}

/** Everything agrees; and as nobody died, each build took one attempt. */
async function expectEachOnce(): Promise<void> {
  await scene.settles(settleMaxMs)
  const facts = await collectFacts(scene)
  expect(findFaults(facts)).toEqual([])
  expect(facts.builds.filter(isRepeated).map(({ pipeline, number }) => `${pipeline}#${number}`)).toEqual([])
  const users = facts.builds.filter(({ pipeline }) => !isMetaPipeline(pipeline))
  expect(users.map(({ status }) => status)).toEqual(scene.pushed.map(() => 'success'))
}

const isRepeated = ({ attempts }: BuildDetail): boolean => attempts.length !== 1

test('a hundred signed pushes at once are a hundred builds, each started exactly once', async () => {
  await pushToAll(pushesEach, wave)
  await expectEachOnce()
  expect(scene.pushed).toHaveLength(repositoryCount * (1 + pushesEach))
})

test('the same while the Spawner is scaled to three and back to one', async () => {
  const { services } = platform
  const pushing = pushToAll(pushesEach, wave)
  await services.scale('pipeline-spawner', 3)
  expect(await services.listPids('pipeline-spawner')).toHaveLength(3)
  await pushing
  // Scaled down while there is still work: what the two held has to go on.
  const open = (await platform.state.listOpenAttempts('build').catch(() => [])).length
  await services.scale('pipeline-spawner', 1)
  expect(await services.listPids('pipeline-spawner')).toHaveLength(1)
  await expectEachOnce()
  console.log(`scaled down with ${open} attempts open`)
})

test('a new release of the platform over twenty running builds loses none', async () => {
  const next = await prepareNextRelease(platform)
  onTestFinished(next.remove)
  await pushToAll(1, long)
  await waitFor<true>('all of them to run', runningMaxMs, async () => {
    const running = await platform.state.listBuilds({ status: 'running', limit: 100 })
    return running.length >= repositoryCount || notYet(`${running.length}`)
  })
  const before = await pidsOfServices()
  const startedMs = performance.now()
  await next.rollOut()
  const rollS = ((performance.now() - startedMs) / 1_000).toFixed(1)
  expect((await pidsOfServices()).filter((pid) => before.includes(pid))).toEqual([])
  const stillRunning = await platform.state.listBuilds({ status: 'running', limit: 100 })
  console.log(`rolled out in ${rollS} s, ${stillRunning.length} of ${repositoryCount} builds ran all the while`)
  expect(stillRunning.length).toBeGreaterThan(0)
  await expectEachOnce()
})

async function pidsOfServices(): Promise<number[]> {
  const { services } = platform
  const names = ['pipeline-state-controller', 'pipeline-builder', 'pipeline-spawner'] as const
  return (await Promise.all(names.map((name) => services.listPids(name)))).flat()
}
