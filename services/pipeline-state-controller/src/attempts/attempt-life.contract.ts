import { type BuildStatus, buildId, buildStatuses, isOver, mayBuildGo } from '@baton/model'
import type { Build, StateEvent } from '@baton/state-client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '../testing/samples.ts'
import type { OpenPorts } from '../testing/scene.ts'
import { Scene } from '../testing/stage.ts'
import { WildServices } from '../testing/wild-services.ts'

/** How often each act comes, beside the others: what moves builds on comes often, what ends them seldom. */
const weights: Record<keyof WildServices['acts'], number> = {
  ...{ push: 3, resolve: 4, start: 2, takePlacing: 8, placed: 6, refused: 1, givenBack: 2, claim: 8 },
  ...{ events: 2, output: 1, publish: 4, report: 3, ended: 3, takeRemoval: 6, removed: 6 },
  ...{ kill: 1, retrigger: 1, watch: 2, time: 4, tidy: 1, remove: 1, register: 2 },
}
const act = fc.oneof(
  ...Object.entries(weights).map(([name, weight]) => ({
    weight,
    arbitrary: fc.tuple(fc.constant(name as keyof WildServices['acts']), fc.nat(1_000), fc.nat(1_000)),
  })),
)

/** Most attempts of one build: before a claim three, and two after it. */
const attemptsMax = 3

/** Attempts of builds, whatever everybody does at any time. */
export function attemptLifeContract(name: string, open: OpenPorts): void {
  const settings = {
    ...{ leaseMs: 30 * secondMs, placingMax: 3, placingMs: 30 * minuteMs },
    ...{ silenceMaxMs: 15 * minuteMs, stopMaxMs: 5 * minuteMs },
  }

  describe(`${name} lets builds live`, () => {
    test('in any order of events one process runs at a time, no number comes twice, and every build ends', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 150, size: 'max' }), async (acts) => {
          const ports = await open(settings)
          try {
            await live(new Scene(ports), acts)
          } finally {
            await ports.close()
          }
        }),
        { numRuns: 60, interruptAfterTimeLimit: 90_000 },
      )
    }, 120_000)
  })
}

async function live(scene: Scene, acts: readonly (readonly [keyof WildServices['acts'], number, number])[]) {
  const seen = new Statuses()
  scene.ports.hub.listen((events) => seen.hear(events))
  await scene.register()
  await scene.putMetaPipeline()
  const services = new WildServices(scene)
  for (const one of acts) await services.act(...one)
  await services.calmDown()

  const builds = await scene.ports.builds.list({ limit: 1_000 })
  for (const build of builds) {
    const id = buildId(build.pipeline, build.number)
    expect(isOver(build.status), `${id} is ${build.status}, and nobody moves it on`).toBe(true)
    expect(build.attempt, `attempts of ${id}`).toBeLessThanOrEqual(attemptsMax)
    expect(build.status === 'success', `${id} succeeded`).toBe(services.succeeded.has(id))
    expect(seen.statusOf(id)).toBe(build.status)
  }
  expect(await scene.ports.attempts.listOpen('build')).toEqual([])
  expect(await scene.ports.attempts.listOpen('meta')).toEqual([])
  expect(await scene.ports.work.nextDueAt(['resolve', 'place-build', 'place-meta'], scene.now)).toBeUndefined()
  expect([...services.alive.keys()], 'processes that nobody ended').toEqual([])
  expect([...services.apps], 'apps that nobody deleted').toEqual([])
  await scene.ports.work.tidy(scene.pass(hourMs))
}

/** What followers are told of builds: each number once, each status on a way that may be gone. */
class Statuses {
  readonly #known = new Map<string, BuildStatus>()
  readonly #numbers = new Map<string, number>()

  hear(events: readonly StateEvent[]): void {
    for (const { type, data } of events) if (type === 'build') this.#hearBuild(data as Build)
  }

  statusOf(id: string): BuildStatus | undefined {
    return this.#known.get(id)
  }

  #hearBuild({ pipeline, number, status }: Build): void {
    const id = buildId(pipeline, number)
    const before = this.#known.get(id)
    if (before === undefined) {
      const last = this.#numbers.get(pipeline) ?? 0
      expect(number, `the number after ${buildId(pipeline, last)}`).toBe(last + 1)
      this.#numbers.set(pipeline, number)
    } else expect(isWay(before, status), `${id} went from ${before} to ${status}`).toBe(true)
    this.#known.set(id, status)
  }
}

/** One command may take two steps, and shows the second. */
function isWay(from: BuildStatus, to: BuildStatus): boolean {
  if (from === to || mayBuildGo(from, to)) return true
  return buildStatuses.some((between) => mayBuildGo(from, between) && mayBuildGo(between, to))
}
