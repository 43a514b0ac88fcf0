import type { Machine } from '../machine.ts'
import type { Task } from './instance.ts'
import { askTaskToEnd, signalTask } from './processes.ts'

/** Ends running tasks: SIGTERM to everything of a task, SIGKILL to what is left after its grace period. */
export function createKills(machine: Machine) {
  const timers = new Map<string, NodeJS.Timeout>()
  /** The shim leads a process group of its own; known as long as it lives. */
  const shims = new Map<string, number>()

  function begin(task: Task): void {
    if (timers.has(task.id)) return
    void askTaskToEnd(task.id, shims.get(task.id))
    const timer = setTimeout(() => {
      machine.log.info({ taskId: task.id }, 'task outlived its grace period')
      void signalTask(task.id, 'SIGKILL')
    }, task.killGraceMs)
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
