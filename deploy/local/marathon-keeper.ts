import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { backoffMs } from '@baton/model'
import type { DataFolder } from './data-folder.ts'
import { findMarathon, getWanted, startMarathon, stopMarathon } from './marathon-process.ts'
import { findProcess, isAlive, type ProcessMark } from './process.ts'

/** Sees that there always is a local Marathon. */
export interface MarathonKeeper {
  /** No restart any more; Marathon itself goes on. */
  leave(): Promise<void>
}

const adoptedLookMs = 200
const restartFirstMs = 100
/** Without Marathon nothing goes on, and a start that fails costs little: no pause is longer. */
const restartMaxMs = 2_000
/** After so long its start counts as good, and the next end is answered at once again. */
const steadyMs = 30_000

/**
 * Adopts the local Marathon that runs, or starts it, and starts it again whenever it ends, from the release that
 * platform.json names by then. One that runs from an older release is ended first: its tasks are adopted by the next.
 */
export function keepMarathon(data: DataFolder, say: (line: string) => void): MarathonKeeper {
  const stop = new AbortController()
  const kept = keep(data, say, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) say(`the local Marathon is not kept any more: ${String(error)}`)
  })
  return {
    leave: async () => {
      stop.abort()
      await kept
    },
  }
}

async function keep(data: DataFolder, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    const startedMs = performance.now()
    const { mark, child } = await findOrStart(data)
    if (mark !== undefined) await untilEnded(mark, child, signal)
    if (signal.aborted) return
    if (performance.now() - startedMs > steadyMs) failures = 0
    say(
      mark === undefined ? 'the local Marathon could not be started' : 'the local Marathon ended; it is started again',
    )
    await wait(backoffMs(failures, restartFirstMs, restartMaxMs), undefined, { signal }).catch(() => {})
  }
}

async function findOrStart(data: DataFolder): Promise<{ mark: ProcessMark | undefined; child?: ChildProcess }> {
  const { platform, release } = await getWanted(data)
  const running = findMarathon(data)
  if (running !== undefined) {
    const isWanted = running.part === release.parts['local-marathon'] && running.port === platform.ports.marathon
    if (isWanted) return { mark: running.process }
    await stopMarathon(running.process)
  }
  const child = startMarathon(data, platform, release)
  return { mark: child.pid === undefined ? undefined : findProcess(child.pid), child }
}

/** A child's end is told at once; that of an adopted one has to be looked for. */
async function untilEnded(mark: ProcessMark, child: ChildProcess | undefined, signal: AbortSignal): Promise<void> {
  if (child !== undefined) {
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (child.exitCode !== null || child.signalCode !== null) resolve()
    })
    return
  }
  while (isAlive(mark) && !signal.aborted) await wait(adoptedLookMs, undefined, { signal }).catch(() => {})
}
