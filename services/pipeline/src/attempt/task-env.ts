import { join } from 'node:path'
import { errors } from '../errors.ts'

/** What the task was started with. */
export interface TaskEnv {
  readonly stateUrl: string
  readonly ticket: string
  readonly pipeline: string
  readonly number: number
  readonly attempt: number
  readonly taskId: string
  readonly sandbox: string
  /** host:port where the agent serves the sandbox, if it is known. */
  readonly agent: string | undefined
  readonly allowLocalGit: boolean
  /** Where things lie in the sandbox. */
  readonly paths: { readonly [K in 'spool' | 'workspace' | 'workspaces' | 'home']: string }
}

/** Reads it. @throws TASK_ENV_INVALID with all complaints at once */
export function readTaskEnv(env: NodeJS.ProcessEnv): TaskEnv {
  const complaints: string[] = []
  const text = (name: string, fallback?: string): string => {
    const value = env[name] || fallback
    if (value === undefined) complaints.push(`${name} is missing`)
    return value ?? ''
  }
  const count = (name: string): number => {
    const value = text(name)
    if (value !== '' && !/^\d{1,9}$/.test(value)) complaints.push(`${name} is no number`)
    return Number(value)
  }
  const sandbox = text('MESOS_SANDBOX', process.cwd())
  const read: TaskEnv = {
    stateUrl: text('BATON_STATE_URL'),
    ticket: text('BATON_TICKET'),
    pipeline: text('BATON_PIPELINE'),
    number: count('BATON_BUILD'),
    attempt: count('BATON_ATTEMPT'),
    taskId: text('MESOS_TASK_ID'),
    sandbox,
    agent: env['MESOS_AGENT_ENDPOINT'] || undefined,
    allowLocalGit: ['1', 'true', 'yes'].includes((env['BATON_ALLOW_LOCAL_GIT'] ?? '').toLowerCase()),
    paths: {
      spool: join(sandbox, 'baton'),
      workspace: join(sandbox, 'workspace'),
      workspaces: join(sandbox, 'workspaces'),
      home: join(sandbox, 'home'),
    },
  }
  if (complaints.length > 0) throw errors.TASK_ENV_INVALID({ complaints: complaints.join('; ') })
  return read
}
