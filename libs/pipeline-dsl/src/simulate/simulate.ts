import { type Reason, type ResultStatus, reason } from '@baton/model'
import type { BuildInfo } from '../run/context.ts'
import { startRun } from '../run/start-run.ts'
import { type Duration, findDurationMs } from '../tree/duration.ts'
import type { Pipeline } from '../tree/node.ts'
import { createVirtualClock, type VirtualClock } from './clock.ts'
import { createLog, type LoggedCommand, type LoggedStep } from './log.ts'
import { createNames } from './names.ts'
import type { Play } from './play.ts'
import { createPlayedWorld } from './played-world.ts'

export interface SimulateOptions {
  /**
   * What steps do, by name (`test`, or `verify/test` where there is more than one); a list has one entry for each try,
   * the last goes on. A function that is named here does not run; one that is not runs, and only its commands are played.
   */
  readonly steps?: Readonly<Record<string, Play | readonly Play[]>>
  /** What a command does that no step above says. Default: it succeeds at once. */
  readonly sh?: (script: string, step: string) => Play | undefined
  /** Orders the end of the build at this moment. */
  readonly killAfter?: Duration
  readonly build?: Partial<BuildInfo>
  readonly env?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
}

/** How a step of a simulated build ended. */
export interface SimulatedStep extends LoggedStep {
  readonly output: string
}

/** A simulated build that is over. */
export interface Simulated {
  readonly status: ResultStatus
  readonly reason: Reason | undefined
  /** How long it took, on the virtual clock. */
  readonly durationMs: number
  /** The steps that ran, in the order in which they began; groups are left out. */
  readonly ran: readonly string[]
  /** Every command, in order. */
  readonly commands: readonly LoggedCommand[]
  /** @throws STEP_UNKNOWN */
  step(name: string): SimulatedStep
}

const buildDefault: BuildInfo = {
  pipeline: 'simulated',
  number: 1,
  attempt: 1,
  commit: '0'.repeat(40),
  ref: 'refs/heads/main',
  repository: 'simulated',
}

/**
 * Runs a pipeline without running anything of it: the engine is the real one, time passes on a virtual clock, and
 * commands do what the test says. For tests of what runs when, after which failure, and how often.
 * @throws STEP_UNKNOWN when a step is named that is not there
 * @example
 * const build = await simulate(pipeline, { steps: { test: [{ code: 1 }, {}] } })
 * assert.equal(build.step('test').tries, 2)
 */
export async function simulate(pipeline: Pipeline, options: SimulateOptions = {}): Promise<Simulated> {
  const names = createNames()
  const plays = options.steps ?? {}
  const clock = createVirtualClock()
  const log = createLog(names, clock)
  const played = createPlayedWorld(clock, {
    findStep(id) {
      const tries = log.tried(id)
      const said = names.namesOf(id).find((name) => Object.hasOwn(plays, name))
      const list = said === undefined ? [] : [plays[said] ?? []].flat()
      return list[Math.min(tries, list.length) - 1]
    },
    command(id, script, play) {
      log.began(id, script)
      return play ?? options.sh?.(script, names.nameOf(id)) ?? {}
    },
  })
  const run = startRun(pipeline, {
    world: played.world,
    recorder: log.recorder,
    build: { ...buildDefault, pipeline: pipeline.name, ...options.build },
    cwd: '/workspace',
    env: options.env ?? {},
    secrets: options.secrets ?? {},
  })
  const killMs = findDurationMs(options.killAfter)
  if (killMs !== undefined) clock.after(killMs, () => run.stop(killed))
  const { status, reason: why } = await passTime(run.done, clock, played.isAtWork)
  // Only now: steps may have been decided on the way.
  for (const name of Object.keys(plays)) names.idOf(name)
  const { ran, commands } = log
  const step = (name: string): SimulatedStep => {
    const id = names.idOf(name)
    return { ...log.of(id), output: played.outputOf(id) }
  }
  return { status, reason: why, durationMs: clock.nowMs, ran, commands, step }
}

const killed = {
  status: 'killed',
  reason: reason('killed.person', { who: 'the simulation', comment: 'killAfter' }),
} as const

/** A function that neither ends nor asks for a command for so long (really) does not hold the clock any longer. */
const patienceMs = 2000

/** Lets time pass whenever nobody works on anything but waiting. */
async function passTime<T>(done: Promise<T>, clock: VirtualClock, isAtWork: () => boolean): Promise<T> {
  let isOver = false
  const note = (): void => {
    isOver = true
  }
  done.then(note, note)
  let sinceMs = performance.now()
  while (!isOver) {
    // All promises that can go on have gone on by then.
    await new Promise(setImmediate)
    if (isOver || (isAtWork() && performance.now() - sinceMs < patienceMs)) continue
    clock.goOn()
    sinceMs = performance.now()
  }
  return await done
}
