import type { AppCheck } from '../apps/app.ts'
import type { Machine } from '../machine.ts'
import { type Instance, isRunning, type Task } from '../tasks/instance.ts'
import { ask, connects, type Target } from './probe.ts'
import { findDefinition, runBeside } from './run-beside.ts'

/** What a check found: it judges nothing, so that others may. Marathon: CheckStatus. */
export interface CheckStatus {
  readonly http?: { readonly statusCode: number }
  readonly tcp?: { readonly succeeded: boolean }
  readonly command?: { readonly exitCode: number }
}

/** No pause at all is no rhythm. */
const pauseMinMs = 100

/** Runs the `check` of running tasks as an executor does, and keeps what it found for `checkResult`. Nothing follows from it. */
export function createChecks(machine: Machine) {
  const timers = new Map<string, NodeJS.Timeout>()

  /** Starts what a running task lacks. Tasks that ended stop by themselves. */
  function follow(instance: Instance): void {
    const { task } = instance
    if (!task || !isRunning(instance) || timers.has(task.id)) return
    const check = findDefinition(machine, instance)?.check
    if (check) plan(instance, task, check, check.delaySeconds * 1_000)
  }

  function plan(instance: Instance, task: Task, check: AppCheck, waitMs: number): void {
    timers.set(
      task.id,
      setTimeout(() => void look(instance, task, check), waitMs),
    )
  }

  async function look(instance: Instance, task: Task, check: AppCheck): Promise<void> {
    const isCurrent = () => timers.has(task.id) && instance.task === task && isRunning(instance)
    const status = isCurrent() ? await makeCheck(machine, instance, task, check) : undefined
    // Anything may have happened while it was asked.
    if (!isCurrent()) return void timers.delete(task.id)
    if (status) machine.health.noteCheck(instance.id, status)
    plan(instance, task, check, Math.max(check.intervalSeconds * 1_000, pauseMinMs))
  }

  function close(): void {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
  }

  return { follow, close }
}

/** What nobody answered, or not in time, is a result without a figure. */
async function makeCheck(machine: Machine, instance: Instance, task: Task, check: AppCheck): Promise<CheckStatus> {
  const timeoutMs = Math.max(check.timeoutSeconds * 1_000, 1)
  const target = ({ port, portIndex }: { port?: number; portIndex?: number }): Target => ({
    scheme: check.http?.scheme === 'HTTPS' ? 'https' : 'http',
    host: machine.settings.taskHost,
    port: port ?? task.hostPorts[portIndex ?? 0] ?? 0,
    path: check.http?.path ?? '/',
    timeoutMs,
  })
  if (check.http) {
    return ask(target(check.http), 0).then(
      ({ status }) => ({ http: { statusCode: status } }),
      () => ({}),
    )
  }
  if (check.tcp) return { tcp: { succeeded: (await connects(target(check.tcp))) === undefined } }
  const { code } = await runBeside(machine, instance, argvOf(check), timeoutMs)
  return code === undefined ? {} : { command: { exitCode: code } }
}

function argvOf({ exec }: AppCheck): readonly string[] {
  const { shell, argv } = exec?.command ?? {}
  return argv ?? ['/bin/sh', '-c', shell ?? '']
}
