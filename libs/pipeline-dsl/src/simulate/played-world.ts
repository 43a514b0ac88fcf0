import { errors } from '../errors.ts'
import type { StepOutput } from '../output/step-output.ts'
import type { ShResult } from '../run/context.ts'
import type { World } from '../run/world.ts'
import { type ShCommand, shortOf } from '../sh/command.ts'
import type { ShPlace } from '../sh/run-command.ts'
import { findDurationMs } from '../tree/duration.ts'
import type { Planned } from '../tree/plan.ts'
import type { VirtualClock } from './clock.ts'
import type { Play } from './play.ts'

/** A world in which nothing is started: commands end as it is told, on a virtual clock. */
export interface PlayedWorld {
  readonly world: World
  /** Whether a function of the user's works on something of its own just now, for which the clock has to wait. */
  isAtWork(): boolean
  /** What a step printed. */
  outputOf(stepId: string): string
}

export interface Director {
  /** What this try of a step does, if that is said. */
  findStep(stepId: string): Play | undefined
  /** What a command does; `play` is what is said of its whole step. */
  command(stepId: string, script: string, play: Play | undefined): Play
}

export function createPlayedWorld(clock: VirtualClock, director: Director): PlayedWorld {
  const outputs = new Map<string, string[]>()
  const plays = new Map<string, Play>()
  /** Functions that run, and how many played commands each waits for. */
  const waiting = new Map<string, number>()
  const ends = new Map<string, Set<() => void>>()
  const print = (stepId: string, text: string): void => void outputs.get(stepId)?.push(text)

  /** Waits on the virtual clock, or until the step's processes are ended. @returns false then */
  function pass(stepId: string, ms: number): Promise<boolean> {
    if (ms === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const over = (isWhole: boolean) => () => {
        callOff()
        ends.get(stepId)?.delete(end)
        resolve(isWhole)
      }
      const end = over(false)
      const callOff = clock.after(ms, over(true))
      ends.set(stepId, (ends.get(stepId) ?? new Set()).add(end))
    })
  }

  async function runCommand({ stepId, checkOpen }: ShPlace, command: ShCommand): Promise<ShResult> {
    checkOpen()
    const { code = 0, text = '', takes, throws } = director.command(stepId, command.script, plays.get(stepId))
    const [ms, limitMs] = [findDurationMs(takes) ?? 0, findDurationMs(command.options.timeout)]
    const name = shortOf(command.script)
    const isLate = limitMs !== undefined && ms > limitMs
    if (!(await pass(stepId, isLate ? limitMs : ms))) throw errors.SH_SIGNALLED({ command: name, signal: 'SIGTERM' })
    if (isLate) throw errors.SH_TIMED_OUT({ command: name, seconds: limitMs / 1000 })
    print(stepId, text)
    if (throws !== undefined) throw thrown(throws)
    if (!(command.options.allow ?? [0]).includes(code)) throw errors.SH_FAILED({ command: name, code })
    return { code, text }
  }

  async function perform({ id, node }: Planned, body: () => unknown): Promise<unknown> {
    const play = director.findStep(id)
    const isCommand = node.kind === 'step' && typeof node.body === 'object'
    if (play !== undefined && !isCommand) return await act(id, play)
    if (play === undefined) plays.delete(id)
    else plays.set(id, play)
    waiting.set(id, 0)
    try {
      return await body()
    } finally {
      waiting.delete(id)
    }
  }

  async function act(stepId: string, { code = 0, text = '', takes, throws, returns }: Play): Promise<unknown> {
    await pass(stepId, findDurationMs(takes) ?? 0)
    print(stepId, text)
    if (throws !== undefined) throw thrown(throws)
    if (code !== 0) throw errors.SH_FAILED({ command: 'a command', code })
    return returns
  }

  async function waitFor<T>(stepId: string, command: Promise<T>): Promise<T> {
    const count = (more: number): void => {
      const now = waiting.get(stepId)
      if (now !== undefined) waiting.set(stepId, now + more)
    }
    count(1)
    try {
      return await command
    } finally {
      count(-1)
    }
  }

  const world: World = {
    after: clock.after,
    openWorkspace: () => ({ path: '/workspace-of-its-own', remove() {} }),
    openOutput(stepId): StepOutput {
      const lines = outputs.get(stepId) ?? []
      outputs.set(stepId, lines)
      const line = (text: string) => void lines.push(text.endsWith('\n') ? text : `${text}\n`)
      return {
        fd: -1,
        stream: () => ({ write: (chunk) => void lines.push(String(chunk)), end() {} }),
        line,
        close() {},
      }
    },
    processes: {
      start: () => {
        throw new Error('a simulation starts no processes')
      },
      async end(stepId) {
        for (const end of [...(ends.get(stepId) ?? [])]) end()
      },
      async endLeftovers() {},
      killAll() {},
    },
    runWhole: async (place, command) => void (await waitFor(place.stepId, runCommand(place, command))),
    runPiped: (place, command) => waitFor(place.stepId, runCommand(place, command)),
    perform,
  }
  return {
    world,
    isAtWork: () => [...waiting.values()].some((count) => count === 0),
    outputOf: (stepId) => (outputs.get(stepId) ?? []).join(''),
  }
}

const thrown = (what: Error | string): Error => (typeof what === 'string' ? new Error(what) : what)
