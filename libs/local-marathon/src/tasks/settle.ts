import { crashPoint } from '@baton/service-kit/crash'
import { forgetInstance, type Machine, saveApp, saveInstance } from '../machine.ts'
import { delayNextLaunch } from '../queue/delays.ts'
import { delayedStates, type Instance, type Task } from './instance.ts'
import type { Outcome } from './outcome.ts'

/**
 * Notes how a task ended, and decides in the same write whether its instance goes away or waits to be launched again,
 * and since when. Whoever was asked to die was killed, whatever its exit code.
 */
export function settle(machine: Machine, instance: Instance, task: Task, outcome: Outcome): void {
  task.state = task.isKilled ? 'TASK_KILLED' : outcome.state
  task.message = outcome.message
  machine.health.forget(instance.id)
  noteFailure(machine, instance, task)
  if (instance.goal === 'Stopped') forgetInstance(machine, instance)
  else waitForRelaunch(machine, instance, task)
  machine.events.statusUpdate(instance, task)
  machine.log.info({ taskId: task.id, state: task.state, message: task.message }, 'task ended')
  machine.touch(instance.appId)
}

function waitForRelaunch(machine: Machine, instance: Instance, task: Task): void {
  const app = machine.apps.get(instance.appId)
  const isCurrent = app !== undefined && instance.configVersion === app.current.lastConfigChangeAt
  if (isCurrent && delayedStates.includes(task.state)) delayNextLaunch(machine, app)
  instance.since = machine.now().toISOString()
  saveInstance(machine, instance)
  crashPoint('local-marathon.task.after-end')
}

/** The last failure stays with the app, where people look for it. */
function noteFailure(machine: Machine, instance: Instance, task: Task): void {
  const app = machine.apps.get(instance.appId)
  if (!app || task.state === 'TASK_FINISHED' || task.state === 'TASK_KILLED') return
  const lastTaskFailure = {
    appId: instance.appId,
    host: machine.settings.taskHost,
    message: task.message,
    state: task.state,
    taskId: task.id,
    timestamp: machine.now().toISOString(),
    version: instance.version,
    slaveId: machine.settings.agentId,
  }
  saveApp(machine, { ...app, lastTaskFailure })
}
