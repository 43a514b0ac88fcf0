import type { ChildProcess, StdioOptions } from 'node:child_process'
import { resolve } from 'node:path'
import { errors } from '../errors.ts'
import type { StepOutput } from '../output/step-output.ts'
import { send } from '../processes/kill-tree.ts'
import { killGraceMs, type Processes } from '../processes/processes.ts'
import { findDurationMs } from '../tree/duration.ts'
import { type ShCommand, type ShOptions, shortOf } from './command.ts'

/** Where a command runs: the step it belongs to, and what that gives it. */
export interface ShPlace {
  readonly stepId: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly processes: Processes
  readonly output: StepOutput
  /** @throws STEP_OVER when nothing may be started any more */
  readonly checkOpen: () => void
}

/** Starts the command. `-e`: a script is done when all its lines are. */
export function startCommand(place: ShPlace, { script, options }: ShCommand, stdio: StdioOptions): ChildProcess {
  place.checkOpen()
  return place.processes.start({
    stepId: place.stepId,
    file: '/bin/sh',
    args: ['-e', '-c', script],
    cwd: options.cwd === undefined ? place.cwd : resolve(place.cwd, options.cwd),
    env: { ...place.env, ...options.env },
    stdio,
  })
}

/** Waits for the command's own end; what it left in the background may live on until the step is over. */
export function codeOf(child: ChildProcess, command: ShCommand): Promise<number> {
  const forget = limitTime(child, command.options)
  return new Promise<number>((done, fail) => {
    child.once('error', fail)
    child.once('exit', (code, signal) => {
      const seconds = forget()
      const name = shortOf(command.script)
      if (seconds !== undefined) fail(errors.SH_TIMED_OUT({ command: name, seconds }))
      else if (code === null) fail(errors.SH_SIGNALLED({ command: name, signal: signal ?? 'a signal' }))
      else if ((command.options.allow ?? [0]).includes(code)) done(code)
      else fail(errors.SH_FAILED({ command: name, code }))
    })
  })
}

/** @returns a function that stops the clock, and says after how many seconds it had rung, if it had */
function limitTime(child: ChildProcess, options: ShOptions): () => number | undefined {
  const limitMs = findDurationMs(options.timeout)
  if (limitMs === undefined || child.pid === undefined) return () => undefined
  const group = -child.pid
  let late: number | undefined
  let killing: NodeJS.Timeout | undefined
  const ringing = setTimeout(() => {
    late = limitMs / 1000
    send(group, 'SIGTERM')
    killing = setTimeout(() => send(group, 'SIGKILL'), killGraceMs)
  }, limitMs)
  return () => {
    clearTimeout(ringing)
    clearTimeout(killing)
    if (late !== undefined) send(group, 'SIGKILL')
    return late
  }
}
