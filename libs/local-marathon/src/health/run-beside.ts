import { type ChildProcess, spawn } from 'node:child_process'
import type { AppDefinition } from '../apps/app.ts'
import type { Engine } from '../containers/engine.ts'
import { containerNameOf } from '../containers/run-container.ts'
import type { Machine } from '../machine.ts'
import { findAccount, ownAccount } from '../tasks/account.ts'
import { placeOf, taskEnvironment } from '../tasks/environment.ts'
import type { Instance, Task } from '../tasks/instance.ts'

/** How a command beside a task ended. Without a code something else went wrong, and `cause` says what. */
export interface Beside {
  readonly code?: number
  /** Nothing when it exits with 0. */
  readonly cause?: string
}

/** What the task was started with, as far as that version is still kept. */
export function findDefinition(machine: Machine, { appId, version }: Instance): AppDefinition | undefined {
  const app = machine.apps.get(appId)
  return app && [app.current, ...app.older].find((one) => one.version === version)?.definition
}

/** Runs a command as the executor of Mesos does: beside the task, in its sandbox, with its account and environment. Never rejects. */
export async function runBeside(
  machine: Machine,
  instance: Instance,
  argv: readonly string[],
  timeoutMs: number,
): Promise<Beside> {
  const { task } = instance
  const definition = findDefinition(machine, instance)
  if (!task || !definition) return { cause: 'the task is gone' }
  if (task.isContainer && machine.engine) return runInside(task, machine.engine, argv, timeoutMs)
  const account = definition.user === undefined ? ownAccount() : await findAccount(definition.user)
  if (!account) return { cause: `user unknown: ${definition.user}` }
  const env = taskEnvironment(definition, instance.version, task, { ...placeOf(machine, definition), account })
  const options = { cwd: task.sandbox, env, detached: true, stdio: 'ignore' as const, ...account.ids }
  const [program = '', ...args] = argv
  return waitFor(spawn(program, args, options), timeoutMs)
}

/** Beside a task in a container is in its container. */
function runInside(task: Task, { client, environment }: Engine, argv: readonly string[], timeoutMs: number) {
  const args = ['exec', containerNameOf(task.id), ...argv]
  return waitFor(spawn(client, args, { env: environment, detached: true, stdio: 'ignore' }), timeoutMs)
}

function waitFor(child: ChildProcess, timeoutMs: number): Promise<Beside> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      endGroup(child.pid)
      resolve({ cause: `Command timed out after ${timeoutMs / 1_000}secs` })
    }, timeoutMs)
    const finish = (end: Beside) => {
      clearTimeout(timer)
      resolve(end)
    }
    child.on('error', (error) => finish({ cause: error.message }))
    child.on('exit', (code, signal) => {
      if (code === null) finish({ cause: `Command terminated with signal ${signal}` })
      else finish(code === 0 ? { code } : { code, cause: `Command exited with status ${code}` })
    })
  })
}

/** The command leads a process group of its own. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended by itself in between.
  }
}
