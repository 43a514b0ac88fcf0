import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A living process, as /proc shows it. */
export interface Process {
  readonly pid: number
  readonly command: string
  readonly cwd: string
  /** Its environment as it was started. */
  readonly env: ReadonlyMap<string, string>
}

/**
 * Whether a command is that of a pipeline's own process, by whichever name its bundle has: the shell and the shim above it
 * have the same words in their arguments.
 */
export const isPipeline = (command: string): boolean => /^(\S*\/)?node pipeline\.[cm]js$/.test(command)

/** Every process that lives right now. Zombies are dead. */
export function listProcesses(): Process[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []))
}

/** The processes of one task, detached ones included: they carry its id, whatever became of their parents. */
export function listProcessesOfTask(taskId: string): Process[] {
  return listProcesses().filter(({ env }) => env.get('MESOS_TASK_ID') === taskId)
}

/** The processes of all tasks of an app: a task's id begins with the app's path, written with `_`. */
export function listProcessesOfApp(appId: string): Process[] {
  const name = appId.replace(/^\//, '').replaceAll('/', '_')
  return listProcesses().filter(({ env }) => env.get('MESOS_TASK_ID')?.startsWith(`${name}.`) === true)
}

/** Whether this process still lives. */
export const isAlive = (pid: number): boolean => readProcess(pid) !== undefined

function readProcess(pid: number): Process | undefined {
  try {
    const text = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
    // The name in parentheses may hold anything; the state comes after the last one.
    if (/^\) [ZX]/.test(text('stat').replace(/^.*(?=\) )/s, ''))) return undefined
    const env = text('environ')
      .split('\0')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
    return {
      pid,
      command: text('cmdline').replaceAll('\0', ' ').trim(),
      cwd: readlinkSync(`/proc/${pid}/cwd`),
      env: new Map(env),
    }
  } catch {
    return undefined // it ended meanwhile, or is not ours to see
  }
}
