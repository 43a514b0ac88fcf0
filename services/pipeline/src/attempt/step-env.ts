import { accessSync, constants, mkdirSync } from 'node:fs'
import type { ClaimAnswer } from '@baton/state-client/attempt'
import type { TaskEnv } from './task-env.ts'

/** What the process keeps to itself. */
const ownVariables = new Set(['BATON_TICKET', 'BATON_CRASH_DIR'])

/** The environment of every step: that of the task, without its ticket, and which build this is. */
export function stepEnvOf(env: NodeJS.ProcessEnv, task: TaskEnv, claimed: ClaimAnswer): Record<string, string> {
  const inherited = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !ownVariables.has(entry[0]),
  )
  return {
    ...Object.fromEntries(inherited),
    CI: 'true',
    HOME: homeOf(env, task),
    BATON_COMMIT: claimed.commit,
    BATON_REF: claimed.ref,
    BATON_PIPELINE: task.pipeline,
    BATON_BUILD: String(task.number),
    BATON_ATTEMPT: String(task.attempt),
  }
}

/** npm and others need a home they can write to; the user that builds run as often has none. */
function homeOf(env: NodeJS.ProcessEnv, task: TaskEnv): string {
  const home = env['HOME']
  try {
    if (home) {
      accessSync(home, constants.W_OK)
      return home
    }
  } catch {
    // Not there, or not ours.
  }
  mkdirSync(task.paths.home, { recursive: true })
  return task.paths.home
}
