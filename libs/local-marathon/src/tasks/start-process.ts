import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fchownSync, openSync } from 'node:fs'
import { join } from 'node:path'
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

/** Starts the shim and under it the command, in a session of its own, so that it outlives this server. */
export async function startProcess(plan: ProcessPlan): Promise<ChildProcess> {
  const log = openTaskLog(plan.dataDir, plan.taskId)
  const files = [log.append, log.read]
  try {
    const stdout = openSync(join(plan.sandbox, 'stdout'), 'a', 0o644)
    files.push(stdout)
    const stderr = openSync(join(plan.sandbox, 'stderr'), 'a', 0o644)
    files.push(stderr)
    const { ids } = plan.account
    if (ids) for (const file of [stdout, stderr]) fchownSync(file, ids.uid, ids.gid)
    const mark = readPidMark()
    const child = spawn('/bin/sh', ['-c', shimScript, 'baton-task', ...plan.argv], {
      cwd: plan.sandbox,
      env: plan.environment,
      detached: true,
      stdio: ['ignore', stdout, stderr, log.append, log.read],
      ...ids,
    })
    noteTaskStart(plan.taskId, checkMark(mark, child.pid))
    child.unref()
    await once(child, 'spawn')
    return child
  } finally {
    for (const file of files) closeSync(file)
  }
}
