import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppDefinition } from '../apps/app.ts'
import type { Account } from './account.ts'
import { noteTaskStart } from './find-processes.ts'
import { checkMark, readPidMark } from './pid-mark.ts'
import { shimScript } from './shim.ts'
import { openTaskLog } from './task-log.ts'

export interface ProcessPlan {
  readonly dataDir: string
  readonly taskId: string
  readonly sandbox: string
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly account: Account
}

/** What is run: args as they are, cmd by the shell. Args win, as in Mesos. */
export function commandOf(app: AppDefinition): string[] {
  return app.args ? [...app.args] : ['/bin/sh', '-c', app.cmd ?? '']
}

/** Starts the shim and under it the command, in a session of its own, so that it outlives this server. */
export async function startProcess(plan: ProcessPlan): Promise<ChildProcess> {
  const log = await openTaskLog(plan.dataDir, plan.taskId)
  const files = [log.append, log.read]
  try {
    const stdout = await open(join(plan.sandbox, 'stdout'), 'a', 0o644)
    files.push(stdout)
    const stderr = await open(join(plan.sandbox, 'stderr'), 'a', 0o644)
    files.push(stderr)
    const { ids } = plan.account
    if (ids) await Promise.all([stdout, stderr].map((file) => file.chown(ids.uid, ids.gid)))
    const mark = readPidMark()
    const child = spawn('/bin/sh', ['-c', shimScript, 'baton-task', ...plan.argv], {
      cwd: plan.sandbox,
      env: plan.environment,
      detached: true,
      stdio: ['ignore', stdout.fd, stderr.fd, log.append.fd, log.read.fd],
      ...ids,
    })
    noteTaskStart(plan.taskId, checkMark(mark, child.pid))
    child.unref()
    await once(child, 'spawn')
    return child
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
}
