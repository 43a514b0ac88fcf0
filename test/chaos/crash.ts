import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { metaPipelineOf } from '@baton/model'
import { notYet, waitFor, waitUntil } from '../platform/wait-for.ts'
import { attemptId } from './facts.ts'
import type { Row } from './matrix.ts'
import type { Scene } from './scene.ts'
import type { Trigger } from './triggers.ts'
import { listVictims, send, type Victim } from './victims.ts'

const backMaxMs = 30_000
const reachedMaxMs = 30_000
const diesMaxMs = 1_000
/** Two services do the same kind of work: it may be the other one that comes by. */
const triesMax = 4

/**
 * Has the victim die at a point while real work is done, once. @throws if the point is not reached, or only ever by
 * somebody else
 */
export async function crashAt(scene: Scene, crashDir: string, row: Row, trigger: Trigger): Promise<void> {
  // Which run-once process died can only be told if there is one.
  if (row.victim === 'pipeline') return await crashPipeline(scene, crashDir, row, trigger)
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const before = await findVictims(scene, row.victim)
    await withoutOther(scene, row, () => reach(scene, crashDir, row, trigger))
    const died = await waitUntil(`${row.victim} to die`, diesMaxMs, () => {
      const left = new Set(listVictims(scene.platform, row.victim).map(({ pid }) => pid))
      return before.some(({ pid }) => !left.has(pid))
    }).then(
      () => true,
      () => false,
    )
    if (died) return
  }
  throw new Error(`${row.point} was reached ${triesMax} times, but never by the ${row.victim}`)
}

async function crashPipeline(scene: Scene, crashDir: string, row: Row, trigger: Trigger): Promise<void> {
  await scene.settles()
  await reach(scene, crashDir, row, trigger)
  const { repository, commit } = scene.pushed.at(-1) ?? { repository: '', commit: '' }
  const pipeline = row.trigger === 'newVersion' ? metaPipelineOf(repository) : repository
  const { number } = await scene.findBuild(pipeline, commit)
  await scene.settles()
  const { attempts } = await scene.platform.state.getBuild(pipeline, number)
  // The point was armed for one crash: the first process that claimed the build had it.
  const first = attempts.find(({ claimedAt }) => claimedAt !== null)
  if (first === undefined) throw new Error(`${pipeline}#${number} was never claimed`)
  scene.killed.add(attemptId({ pipeline, number }, first.number))
}

/** Does something while a service is stopped, which then goes on with what it held: somebody else may have it by then. */
async function withoutOther(scene: Scene, { without }: Row, act: () => Promise<void>): Promise<void> {
  const others = without === undefined ? [] : await findVictims(scene, without)
  try {
    for (const one of others) send(one, 'SIGSTOP')
    await act()
  } finally {
    for (const one of others) send(one, 'SIGCONT')
  }
}

/** Arms the point, and sees that it is reached. */
async function reach({ platform }: Scene, crashDir: string, { point, victim }: Row, trigger: Trigger): Promise<void> {
  const file = join(crashDir, point)
  writeFileSync(file, '')
  const { builderUrl, spawnerUrl } = platform.file
  const end = await trigger(victim === 'builder' ? builderUrl : spawnerUrl).catch((error: unknown) => {
    rmSync(file, { force: true })
    throw error
  })
  try {
    await waitUntil(`${point} to be reached by the ${victim}`, reachedMaxMs, () => !existsSync(file))
  } finally {
    rmSync(file, { force: true })
    await end?.()
  }
}

/** The processes that may die next: it may still be on its way back from the last time. */
async function findVictims({ platform }: Scene, victim: Victim) {
  return await waitFor(`the ${victim} to be there`, backMaxMs, () => {
    const found = listVictims(platform, victim)
    return found.length > 0 ? found : notYet('none')
  })
}
