import { constants } from 'node:os'
import type { TaskState } from './instance.ts'
import type { TaskLog } from './task-log.ts'

/** How a task ended. The exit code is only text in Marathon's events, in these words of Mesos. */
export interface Outcome {
  readonly state: TaskState
  readonly message: string
}

/** Nobody saw its end. */
export const gone: Outcome = { state: 'TASK_GONE', message: 'The task was gone when the server came back' }
export const dropped: Outcome = { state: 'TASK_DROPPED', message: 'The server was gone before it could start the task' }

/** A shell reports death by signal N as 128 + N. */
const signalBase = 128

const signalWords: Readonly<Record<string, string>> = {
  SIGKILL: 'Killed',
  SIGTERM: 'Terminated',
  SIGINT: 'Interrupt',
  SIGSEGV: 'Segmentation fault',
  SIGABRT: 'Aborted',
  SIGHUP: 'Hangup',
}

export function outcomeOfExit(code: number | null, signal: NodeJS.Signals | null): Outcome {
  if (code === 0) return { state: 'TASK_FINISHED', message: 'Command exited with status 0' }
  const name = signal ?? signalOf(code ?? 0)
  if (name) return { state: 'TASK_FAILED', message: `Command terminated with signal ${signalWords[name] ?? name}` }
  return { state: 'TASK_FAILED', message: `Command exited with status ${code}` }
}

/** The end that the shim wrote down, if it lived to do so. */
export function outcomeOfLog(log: TaskLog): Outcome | undefined {
  return log.exitCode === undefined ? undefined : outcomeOfExit(log.exitCode, null)
}

function signalOf(code: number): string | undefined {
  if (code <= signalBase) return undefined
  return Object.entries(constants.signals).find(([, number]) => number === code - signalBase)?.[0]
}
