import { type ChildProcess, spawn } from 'node:child_process'
import type { Machine } from '../machine.ts'
import { findAccount, ownAccount } from '../tasks/account.ts'
import { placeOf, taskEnvironment } from '../tasks/environment.ts'
import type { Instance } from '../tasks/instance.ts'

/**
 * Runs a command as the executor of Mesos does: beside the task, in its sandbox, with its account and environment.
 * Resolves with what is wrong, or nothing when it exits with 0; never rejects.
 */
export async function runBeside(
  machine: Machine,
  instance: Instance,
  command: string,
  timeoutMs: number,
): Promise<string | undefined> {
  const { task } = instance
  const app = machine.apps.get(instance.appId)
  const known = app && [app.current, ...app.older].find((one) => one.version === instance.version)
  if (!task || !known) return 'the task is gone'
  const { definition } = known
  const account = definition.user === undefined ? ownAccount() : await findAccount(definition.user)
  if (!account) return `user unknown: ${definition.user}`
  const env = taskEnvironment(definition, instance.version, task, { ...placeOf(machine.settings), account })
  const options = { cwd: task.sandbox, env, detached: true, stdio: 'ignore' as const, ...account.ids }
  return waitFor(spawn('/bin/sh', ['-c', command], options), timeoutMs)
}

function waitFor(child: ChildProcess, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      endGroup(child.pid)
      resolve(`Command timed out after ${timeoutMs / 1_000}secs`)
    }, timeoutMs)
    const finish = (cause?: string) => {
      clearTimeout(timer)
      resolve(cause)
    }
    child.on('error', (error) => finish(error.message))
    child.on('exit', (code, signal) => {
      if (code === 0) finish()
      else finish(code === null ? `Command terminated with signal ${signal}` : `Command exited with status ${code}`)
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
