import { processSignals, type Signals } from '../tasks/kills.ts'
import type { Containers } from './containers.ts'

/** A container is told by its name; while there is none yet, its client is. */
export function signalsTo(containers: Containers): Signals {
  return {
    async ask(task, shimPid) {
      if (!task.isContainer || !(await containers.stop(task))) await processSignals.ask(task, shimPid)
    },
    async kill(task) {
      if (task.isContainer) await containers.kill(task)
      await processSignals.kill(task)
    },
  }
}
