import { setTimeout as pause } from 'node:timers/promises'
import { isOver } from '@baton/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'
import { collectFacts } from './collect-facts.ts'
import { findFaults } from './find-faults.ts'
import { chooseSeed, createRandom } from './random.ts'
import { startRelaunching } from './relaunch.ts'
import { Scene, type Witnessed } from './scene.ts'
import { kill, listVictims, type Victim, victims } from './victims.ts'

const killCount = 50
const killPauseMinMs = 100
const killPauseMaxMs = 1_200
const repositoryCount = 4
/** Builds of one repository that are not over; more would only wait. */
const openMax = 2
const work = { lines: 10, pauseS: 0.05 }
/** One push in so many changes the pipeline itself. */
const newVersionEvery = 8
const victimMaxMs = 30_000
const settleMaxMs = 180_000

let platform: StartedPlatform
let scene: Scene
let repositories: Witnessed[]
let stopRelaunching: () => Promise<void>

beforeAll(async () => {
  const settings = {
    'pipeline-state-controller': { LEASE_MS: '3000', RECONCILE_MS: '2000' },
    'pipeline-spawner': { KILL_GRACE_S: '2' },
  }
  // As a real Marathon does when its leader changes: only the claim then keeps a build that ended from running again.
  platform = await startPlatform({ settings, env: { MARATHON_FORGET_DELAYS: 'true' } })
  stopRelaunching = startRelaunching(platform)
  scene = new Scene(platform)
  const names = Array.from({ length: repositoryCount }, (_, index) => `shop-${index + 1}`)
  repositories = await Promise.all(names.map((name) => scene.register(name)))
  await scene.settles()
}, settleMaxMs)

afterAll(async () => {
  await stopRelaunching?.()
  await platform?.stop()
}, settleMaxMs)

/** Pushes to one repository, one commit after the other, until it is told to stop. */
async function keepPushing(to: Witnessed, random: () => number, stop: AbortSignal): Promise<void> {
  for (let count = 1; !stop.aborted; count += 1) {
    await waitFor<true>(`room for another build of ${to.slug}`, settleMaxMs, async () => {
      const builds = await platform.state.listBuilds({ pipeline: to.slug, limit: 20 }).catch(() => undefined)
      if (builds === undefined) return notYet('no answer')
      const open = builds.filter(({ status }) => !isOver(status)).length
      return open < openMax || notYet(`${open} not over`)
    })
    const hookUrl = random() < 0.5 ? platform.file.spawnerUrl : platform.file.builderUrl
    await scene.push(to, { ...work, newVersion: count % newVersionEvery === 0 }, hookUrl)
  }
}

/** Kills one process of this kind, once there is one. */
async function killOne(victim: Victim, random: () => number): Promise<string> {
  const found = await waitFor(`a process of the ${victim}`, victimMaxMs, () => {
    const living = listVictims(platform, victim)
    return living.length > 0 ? living : notYet('none')
  })
  const one = found[Math.floor(random() * found.length)]
  if (one === undefined) throw new Error('nobody to kill')
  if (victim === 'pipeline') scene.killPipeline(one)
  else kill(one)
  return `${victim} ${one.pid}`
}

test(`${killCount} kills at random moments, and nothing is missing or ran twice`, async () => {
  const random = createRandom(chooseSeed())
  const stop = new AbortController()
  // Each with numbers of its own: who comes first differs from run to run.
  const pushing = repositories.map((one) => keepPushing(one, createRandom(random() * 2 ** 32), stop.signal))
  const kills: string[] = []
  const killing = (async () => {
    for (let count = 0; count < killCount; count += 1) {
      const pauseMs = killPauseMinMs + random() * (killPauseMaxMs - killPauseMinMs)
      await pause(pauseMs)
      const victim = victims[Math.floor(random() * victims.length)] ?? 'marathon'
      kills.push(`${Math.round(pauseMs)} ms, ${await killOne(victim, random)}`)
    }
  })().finally(() => stop.abort())
  await Promise.all([killing, ...pushing])
  await scene.settles(settleMaxMs)
  const facts = await collectFacts(scene)
  const green = facts.builds.filter(({ status }) => status === 'success').length
  console.log(`${kills.length} kills, ${scene.pushed.length} pushes, ${green} green of ${facts.builds.length} builds`)
  expect(findFaults(facts), kills.join('\n')).toEqual([])
  expect(green).toBeGreaterThan(repositoryCount)
})
