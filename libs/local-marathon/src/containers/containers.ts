import type { Machine } from '../machine.ts'
import type { Task } from '../tasks/instance.ts'
import { callEngine, type Engine } from './engine.ts'
import { containerNameOf } from './run-container.ts'

/** What an engine is given on top of the time that the container itself has. */
const callMaxMs = 30_000

/** Containers by their names: whoever started one, and whether its client still lives, does not matter. */
export interface Containers {
  readonly engine: Engine | undefined
  /** SIGTERM, and after the grace period SIGKILL. False: there is none (yet). */
  stop(task: Task): Promise<boolean>
  /** SIGKILL. */
  kill(task: Task): Promise<void>
  /** Nothing of it is left. */
  remove(task: Task): Promise<void>
}

export function createContainers({ engine, log }: Machine): Containers {
  async function call(task: Task, args: readonly string[], maxMs = callMaxMs): Promise<boolean> {
    if (!engine) return false
    try {
      await callEngine(engine, [...args, containerNameOf(task.id)], maxMs)
      return true
    } catch (error) {
      log.debug({ err: error, taskId: task.id, args }, 'the container engine refused')
      return false
    }
  }

  return {
    engine,
    stop(task) {
      const graceSeconds = Math.ceil(task.killGraceMs / 1_000)
      return call(task, ['stop', '-t', String(graceSeconds)], task.killGraceMs + callMaxMs)
    },
    async kill(task) {
      await call(task, ['kill'])
    },
    async remove(task) {
      await call(task, ['rm', '--force'])
    },
  }
}
