import type { Machine } from '../machine.ts'
import { isActive } from './instance.ts'
import type { Runner } from './runner.ts'

/** Marathon looks for launches that are overdue in this rhythm. */
const lookMs = 5_000

/** A launch that does not get to run (an artifact that never comes) is given up, and tried again. Marathon: OverdueInstancesActor. */
export function startGivingUp(machine: Machine, runner: Runner): { close(): void } {
  const timer = setInterval(() => giveUpOverdue(machine, runner), Math.min(lookMs, machine.settings.taskLaunchMaxMs))
  timer.unref()
  return { close: () => clearInterval(timer) }
}

function giveUpOverdue({ instances, settings, now, log }: Machine, runner: Runner): void {
  const stagedBefore = now().getTime() - settings.taskLaunchMaxMs
  for (const instance of instances.values()) {
    if (!isActive(instance) || instance.task.state === 'TASK_RUNNING' || instance.task.isKilled) continue
    if (Date.parse(instance.task.stagedAt) >= stagedBefore) continue
    log.warn({ taskId: instance.task.id, stagedAt: instance.task.stagedAt }, 'launch is overdue, and given up')
    runner.kill(instance)
  }
}
