import type { HealthCheck } from '../apps/app.ts'
import type { Machine } from '../machine.ts'
import { type Instance, isRunning, type Task } from '../tasks/instance.ts'
import type { Runner } from '../tasks/runner.ts'
import { firstProbeMs, intervalMs, isMesos, judge } from './health.ts'
import { probe, type Target } from './probe.ts'
import { runBeside } from './run-beside.ts'

const schemes = {
  HTTP: 'http',
  HTTPS: 'https',
  TCP: 'tcp',
  MESOS_HTTP: 'http',
  MESOS_HTTPS: 'https',
  MESOS_TCP: 'tcp',
} as const satisfies Record<Exclude<HealthCheck['protocol'], 'COMMAND'>, Target['scheme']>

/** Probes running tasks, notes the results, and has tasks killed that stay unhealthy. */
export function createHealthChecks(machine: Machine, runner: Runner) {
  const timers = new Map<string, NodeJS.Timeout>()

  /** Starts what a running task lacks. Tasks that ended stop by themselves. */
  function follow(instance: Instance): void {
    const { task } = instance
    if (!task || !isRunning(instance)) return
    for (const [index, check] of task.healthChecks.entries()) {
      const key = `${task.id}#${index}`
      if (!timers.has(key)) plan(key, firstProbeMs(check), () => look(key, instance, task, index, check))
    }
  }

  function plan(key: string, waitMs: number, work: () => Promise<void>): void {
    timers.set(
      key,
      setTimeout(() => void work(), waitMs),
    )
  }

  async function look(key: string, instance: Instance, task: Task, index: number, check: HealthCheck): Promise<void> {
    const isCurrent = () => instance.task === task && isRunning(instance)
    if (isCurrent()) {
      const cause = await ask(instance, task, check)
      // Anything may have happened while it was asked.
      if (timers.has(key) && isCurrent()) note(instance, task, index, check, cause)
    }
    if (!timers.has(key)) return
    if (isCurrent()) plan(key, intervalMs(check), () => look(key, instance, task, index, check))
    else timers.delete(key)
  }

  async function ask(instance: Instance, task: Task, check: HealthCheck): Promise<string | undefined> {
    if (check.protocol !== 'COMMAND') return probe(targetOf(machine, task, check, check.protocol))
    const argv = ['/bin/sh', '-c', check.command?.value ?? '']
    return (await runBeside(machine, instance, argv, timeoutMs(check))).cause
  }

  function note(instance: Instance, task: Task, index: number, check: HealthCheck, cause: string | undefined): void {
    const before = machine.health.find(instance.id, index)
    const stateBefore = machine.health.stateOf(instance)
    const runningSince = new Date(task.startedAt ?? task.stagedAt)
    const answer = cause === undefined ? { at: machine.now() } : { at: machine.now(), cause }
    const { health, kill } = judge(before, check, answer, runningSince, instance.id)
    if (health !== before && (health.lastSuccess ?? health.lastFailure)) machine.health.note(instance.id, index, health)
    // One that does not count, in its grace period, is not told of either.
    if (health.consecutiveFailures > (before?.consecutiveFailures ?? 0)) reportFailure(instance, check)
    if (before?.alive !== health.alive && (before || health.alive)) reportChange(instance, health.alive)
    if (kill) killUnhealthy(instance, task, check, cause ?? '')
    if (machine.health.stateOf(instance) !== stateBefore) machine.touch(instance.appId)
  }

  function reportFailure(instance: Instance, healthCheck: HealthCheck): void {
    machine.events.emit('failed_health_check_event', { appId: instance.appId, taskId: instance.id, healthCheck })
  }

  function reportChange(instance: Instance, alive: boolean): void {
    const { id: instanceId, appId, version } = instance
    machine.events.emit('health_status_changed_event', { appId, instanceId, version, alive })
    const changed = { instanceId, runSpecId: appId, healthy: alive, runSpecVersion: version }
    machine.events.emit('instance_health_changed_event', changed)
  }

  function killUnhealthy(instance: Instance, task: Task, check: HealthCheck, reason: string): void {
    machine.log.warn({ taskId: task.id, reason }, 'unhealthy task is killed')
    if (!isMesos(check)) tellOfKill(instance, task, reason)
    runner.kill(instance)
  }

  /** Only where Marathon itself kills: an executor that does is heard of by the task's end. */
  function tellOfKill(instance: Instance, task: Task, reason: string): void {
    machine.events.emit('unhealthy_instance_kill_event', {
      appId: instance.appId,
      taskId: task.id,
      instanceId: instance.id,
      version: instance.version,
      reason,
      host: machine.settings.taskHost,
      slaveId: machine.settings.agentId,
    })
  }

  function close(): void {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
  }

  return { follow, close }
}

const timeoutMs = (check: HealthCheck) => Math.max(check.timeoutSeconds * 1_000, 1)

function targetOf(machine: Machine, task: Task, check: HealthCheck, protocol: keyof typeof schemes): Target {
  return {
    scheme: schemes[protocol],
    host: machine.settings.taskHost,
    port: check.port ?? task.hostPorts[check.portIndex ?? 0] ?? 0,
    path: check.path ?? '/',
    timeoutMs: timeoutMs(check),
  }
}
