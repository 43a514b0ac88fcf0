import type { AppDefinition } from '../apps/app.ts'
import { runContainer } from '../containers/run-container.ts'
import type { Machine } from '../machine.ts'
import type { Account } from './account.ts'
import { placeOf, taskEnvironment } from './environment.ts'
import type { Task } from './instance.ts'

export interface TaskCommand {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** What the shim of a task runs, and with which variables: its command, or the client of an engine that does. */
export function taskCommand(
  machine: Machine,
  app: AppDefinition,
  version: string,
  task: Task,
  account: Account,
): TaskCommand {
  const environment = taskEnvironment(app, version, task, { ...placeOf(machine, app), account })
  if (!task.isContainer) return { argv: commandOf(app), environment }
  const { engine } = machine
  if (!engine) throw new Error('the container engine is gone')
  return runContainer(engine, app, task, environment)
}

/** Args as they are, cmd by the shell. Args win, as in Mesos. */
function commandOf(app: AppDefinition): string[] {
  return app.args ? [...app.args] : ['/bin/sh', '-c', app.cmd ?? '']
}
