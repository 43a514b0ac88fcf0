import type { Machine } from '../machine.ts'
import type { Task } from './instance.ts'
import { askTaskToEnd, signalTask } from './processes.ts'

/** Whatever would not die is told again. Marathon: --kill_retry_timeout. */
const retryMs = 30_000

/** How a task is reached. */
export interface Signals {
  /** Asks it to end. */
  ask(task: Task, shimPid: number | undefined): Promise<unknown>
  /** Ends it. */
  kill(task: Task): Promise<unknown>
}

export const processSignals: Signals = {
  ask: (task, shimPid) => askTaskToEnd(task.id, shimPid),
  kill: (task) => signalTask(task.id, 'SIGKILL'),
}

/** Ends running tasks: SIGTERM to everything of a task, SIGKILL to what is left after its grace period, and again. */
export function createKills(machine: Machine, signals: Signals = processSignals) {
  const timers = new Map<string, NodeJS.Timeout>()
  /** The shim leads a process group of its own; known as long as it lives. */
  const shims = new Map<string, number>()

  function begin(task: Task): void {
    if (timers.has(task.id)) return
    void signals.ask(task, shims.get(task.id))
    killIn(task, task.killGraceMs, 'task outlived its grace period')
  }

  function killIn(task: Task, waitMs: number, why: string): void {
    const timer = setTimeout(() => {
      machine.log.info({ taskId: task.id }, why)
      void signals.kill(task)
      killIn(task, retryMs, 'task is still there, and killed again')
    }, waitMs)
    timers.set(task.id, timer)
  }

  return {
    begin,
    /** The task runs, under this shim. */
    started(task: Task, shimPid: number | undefined): void {
      if (shimPid !== undefined) shims.set(task.id, shimPid)
    },
    ended(task: Task): void {
      clearTimeout(timers.get(task.id))
      timers.delete(task.id)
      shims.delete(task.id)
    },
    close(): void {
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}
