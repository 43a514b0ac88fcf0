import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { endTree, isGroupEmpty, killNow } from './kill-tree.ts'
import { findKin, markerVariable, type Search } from './kin.ts'
import { checkedMark, listPidsSince, type PidMark, pidMark } from './proc.ts'

/** How long a process has between SIGTERM and SIGKILL. */
export const killGraceMs = 5000
/** How long what a step left running has. The step is over; nobody waits for its manners. */
const leftoverGraceMs = 1000

export interface Program {
  readonly stepId: string
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdio: StdioOptions
}

/** The processes of one run. Each carries the run's nonce and its step's id, so all of them can be found again. */
export interface Processes {
  start(program: Program): ChildProcess
  /** Ends everything that belongs to the step: SIGTERM, after a grace SIGKILL. Once at a time for each step. */
  end(stepId: string): Promise<void>
  /** After the step: ends what it left running, if there is anything. Cheap when there is nothing. */
  endLeftovers(stepId: string): Promise<void>
  /** SIGKILL to everything of this run, at once; returns when it is gone. */
  killAll(): void
}

/** A killed process is gone a moment later; all of this happens without giving anything else a turn. */
const killRounds = 100
const killPauseMs = 5

export function createProcesses(nonce: string): Processes {
  const sessions = new Map<string, Set<number>>()
  const marks = new Map<string, PidMark>()
  let firstMark: PidMark | undefined
  const ending = new Map<string, Promise<void>>()
  const searchOf = (stepId: string): Search => ({
    marker: `${nonce}:${stepId}`,
    sessions: sessions.get(stepId) ?? new Set(),
  })

  function start(program: Program): ChildProcess {
    const { stepId } = program
    const mark = marks.has(stepId) ? undefined : pidMark()
    const child = spawn(program.file, program.args, {
      cwd: program.cwd,
      env: { ...program.env, [markerVariable]: `${nonce}:${stepId}` },
      stdio: program.stdio,
      detached: true, // Its own session and group: a signal to us does not reach it by accident.
    })
    if (mark !== undefined) keepMark(stepId, checkedMark(mark, child.pid))
    if (child.pid !== undefined) keepSession(stepId, child, child.pid)
    return child
  }

  function keepMark(stepId: string, mark: PidMark): void {
    marks.set(stepId, mark)
    firstMark ??= mark
  }

  /** Its session is ours until it is empty; from then on its number may be given to somebody else's. */
  function keepSession(stepId: string, child: ChildProcess, pid: number): void {
    const own = sessions.get(stepId) ?? new Set()
    sessions.set(stepId, own.add(pid))
    child.once('exit', () => void (isGroupEmpty(pid) && own.delete(pid)))
  }

  function end(stepId: string): Promise<void> {
    const running = ending.get(stepId)
    if (running !== undefined) return running
    const ended = endTree(searchOf(stepId), killGraceMs).finally(() => ending.delete(stepId))
    ending.set(stepId, ended)
    return ended
  }

  async function endLeftovers(stepId: string): Promise<void> {
    const mark = marks.get(stepId)
    if (mark === undefined) return
    await ending.get(stepId)
    if (findKin(searchOf(stepId), listPidsSince(mark)).length > 0) await endTree(searchOf(stepId), leftoverGraceMs)
    sessions.delete(stepId)
    marks.delete(stepId)
  }

  function killAll(): void {
    if (firstMark === undefined) return
    const all = new Set([...sessions.values()].flatMap((pids) => [...pids]))
    const pause = new Int32Array(new SharedArrayBuffer(4))
    for (let round = 0; round < killRounds; round += 1) {
      if (killNow({ marker: `${nonce}:`, sessions: all }, listPidsSince(firstMark)) === 0) return
      Atomics.wait(pause, 0, 0, killPauseMs)
    }
  }
  return { start, end, endLeftovers, killAll }
}
