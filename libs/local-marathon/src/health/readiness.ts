import type { App, ReadinessCheck } from '../apps/app.ts'
import { deploymentsOf } from '../deployments/deployment.ts'
import { instancesOf, type Machine } from '../machine.ts'
import { type Instance, isRunning } from '../tasks/instance.ts'
import { ask, type Response } from './probe.ts'

/** What Marathon takes a transport error for. */
const transportErrorStatus = 504

export interface ReadinessResult {
  readonly name: string
  readonly taskId: string
  readonly ready: boolean
  readonly lastResponse?: Response
}

/** Asks new tasks during a deployment whether they are ready; at once when they run, then after each answer's interval. */
export interface Readiness {
  /** Apps without a readiness check are always ready. */
  isReady(instance: Instance, app: App): boolean
  follow(instance: Instance): void
  list(appId: string): ReadinessResult[]
  close(): void
}

export function createReadiness(machine: Machine): Readiness {
  const results = new Map<string, ReadinessResult>()
  const timers = new Map<string, NodeJS.Timeout | undefined>()

  const checkOf = (instance: Instance) => machine.apps.get(instance.appId)?.current.definition.readinessChecks?.[0]

  function follow(instance: Instance): void {
    const { task } = instance
    const check = checkOf(instance)
    if (!task || !check || !isRunning(instance) || timers.has(task.id) || results.get(task.id)?.ready) return
    if (deploymentsOf(machine, instance.appId).length === 0) return
    timers.set(task.id, undefined)
    void look(instance, task.id, check)
  }

  async function look(instance: Instance, taskId: string, check: ReadinessCheck): Promise<void> {
    const lastResponse = await responseOf(instance, check)
    if (!timers.has(taskId)) return
    const ready = check.httpStatusCodesForReady.includes(lastResponse.status)
    results.set(taskId, { name: check.name, taskId, ready, ...(check.preserveLastResponse ? { lastResponse } : {}) })
    const isNeeded = !ready && instance.task?.id === taskId && isRunning(instance)
    if (isNeeded)
      timers.set(
        taskId,
        setTimeout(() => void look(instance, taskId, check), check.intervalSeconds * 1_000),
      )
    else timers.delete(taskId)
    if (ready) machine.touch(instance.appId)
    else if (!isNeeded) results.delete(taskId)
  }

  async function responseOf(instance: Instance, check: ReadinessCheck): Promise<Response> {
    const ports = machine.apps.get(instance.appId)?.current.definition.portDefinitions ?? []
    const index = ports.findIndex((port) => port.name === check.portName)
    const target = {
      scheme: check.protocol === 'HTTPS' ? ('https' as const) : ('http' as const),
      host: machine.settings.taskHost,
      port: instance.task?.hostPorts[index] ?? 0,
      path: check.path,
      timeoutMs: check.timeoutSeconds * 1_000,
    }
    return ask(target).catch((error: Error) => ({
      status: transportErrorStatus,
      contentType: 'text/plain',
      body: error.message,
    }))
  }

  return {
    isReady: (instance, app) =>
      app.current.definition.readinessChecks === undefined || results.get(instance.task?.id ?? '')?.ready === true,
    follow,
    list: (appId) => instancesOf(machine, appId).flatMap((one) => results.get(one.task?.id ?? '') ?? []),
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
