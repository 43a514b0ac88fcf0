import { setTimeout as wait } from 'node:timers/promises'
import { buildId, isBatonError, isOver } from '@baton/model'
import type { Build, BuildDetail, StateClient, Step } from '@baton/state-client'
import type { Call } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { lineOfStep, linesOfBuild, tookOf } from './show-build.ts'
import type { Terminal } from './terminal.ts'

const lookMs = 150
/** How long the controller may be away while somebody waits. */
const awayMaxMs = 600_000

/** Waits until these builds are over and shows them. @returns the exit code: red if one of them is */
export async function waitForBuilds(call: Call, state: StateClient, builds: readonly Build[]): Promise<number> {
  const signal = call.interruption()
  let code: number = exitCodes.ok
  for (const { pipeline, number } of builds) {
    const build = await waitForBuild(state, pipeline, number, signal, call.terminal)
    for (const line of linesOfBuild(build)) call.terminal.say(line)
    call.terminal.json(build)
    if (build.status !== 'success') code = exitCodes.red
  }
  return code
}

async function waitForBuild(
  state: StateClient,
  pipeline: string,
  number: number,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<BuildDetail> {
  const told = createTeller(terminal)
  let seenMs = performance.now()
  for (;;) {
    try {
      const build = await state.getBuild(pipeline, number)
      if (isOver(build.status)) return build
      seenMs = performance.now()
      told(build)
    } catch (error) {
      const isAway = isBatonError(error) && error.kind === 'unavailable'
      if (!isAway || performance.now() - seenMs > awayMaxMs) throw error
      terminal.progress('the State-Controller does not answer; waiting ...')
    }
    await wait(lookMs, undefined, { signal })
  }
}

/** Tells what moved since the last look: one line that is written over for a person, a line for each step in a log. */
function createTeller({ progress, remark }: Terminal): (build: BuildDetail) => void {
  const known = new Map<string, string>()
  const isNew = (what: string, status: string): boolean => {
    const before = known.get(what)
    known.set(what, status)
    return before !== status
  }
  return (build) => {
    const name = buildId(build.pipeline, build.number)
    const running = build.steps.filter(isAtWork).map((step) => step.name)
    progress([name, build.status, tookOf(build), ...running, '...'].join(' '))
    if (isNew('build', build.status)) remark(`${name} ${build.status}`)
    for (const step of build.steps) {
      if (isNew(step.id, step.status) && step.status !== 'queued') remark(`${name} ${lineOfStep(step).trimStart()}`)
    }
  }
}

const isAtWork = ({ status, kind }: Step): boolean => status === 'running' && kind === 'step'
