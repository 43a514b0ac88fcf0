import { setTimeout as wait } from 'node:timers/promises'
import { buildId, isBatonError, isOver } from '@baton/model'
import type { Build, BuildDetail, StateClient } from '@baton/state-client'
import type { Call } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { linesOfBuild, tookOf } from './show-build.ts'

const lookMs = 150
/** How long the controller may be away while somebody waits. */
const awayMaxMs = 600_000

/** Waits until these builds are over and shows them. @returns the exit code: red if one of them is */
export async function waitForBuilds(call: Call, state: StateClient, builds: readonly Build[]): Promise<number> {
  const signal = call.interruption()
  let code: number = exitCodes.ok
  for (const { pipeline, number } of builds) {
    const build = await waitForBuild(state, pipeline, number, signal, call.terminal.progress)
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
  progress: (text: string) => void,
): Promise<BuildDetail> {
  let seenMs = performance.now()
  for (;;) {
    try {
      const build = await state.getBuild(pipeline, number)
      if (isOver(build.status)) return build
      seenMs = performance.now()
      progress(`${buildId(pipeline, number)} ${build.status} ${tookOf(build)} ...`)
    } catch (error) {
      const isAway = isBatonError(error) && error.kind === 'unavailable'
      if (!isAway || performance.now() - seenMs > awayMaxMs) throw error
      progress('the State-Controller does not answer; waiting ...')
    }
    await wait(lookMs, undefined, { signal })
  }
}
