import type { ActiveChecks } from '../health/active-checks.ts'
import type { createChecks } from '../health/checks.ts'
import type { createHealthChecks } from '../health/health-checks.ts'
import { instancesOf } from '../machine.ts'
import type { ServicePorts } from '../ports/service-ports.ts'
import { forgiveOldDelays } from '../queue/delays.ts'
import type { createLaunchQueue } from '../queue/launch-queue.ts'
import { type Converging, converge } from './converge.ts'
import { appsOf } from './deployment.ts'

/** Marathon looks for forgotten delays in this rhythm; everything else is looked at again then too, should an event be missed. */
const lookAgainMs = 10_000

interface Parts extends Converging {
  readonly queue: ReturnType<typeof createLaunchQueue>
  readonly activeChecks: ActiveChecks
  readonly checks: ReturnType<typeof createChecks>
  readonly healthChecks: ReturnType<typeof createHealthChecks>
  readonly servicePorts: ServicePorts
}

/** Collects which apps changed and moves each once per turn of the event loop. */
export function createOrchestrator(parts: Parts) {
  const { machine, queue, activeChecks, checks, healthChecks, readiness, servicePorts } = parts
  const touched = new Set<string>()
  let isPlanned = false
  let isClosed = false
  // Until the server has adopted what runs and listens, changes are only collected.
  let isStarted = false

  function touch(appId: string): void {
    touched.add(appId)
    if (isPlanned || isClosed || !isStarted) return
    isPlanned = true
    setImmediate(run)
  }

  function run(): void {
    isPlanned = false
    if (isClosed) return
    const appIds = [...touched]
    touched.clear()
    for (const appId of appIds) look(appId)
    void queue.launchWaiting()
  }

  function look(appId: string): void {
    try {
      activeChecks.reconcile(appId)
      converge(parts, appId)
      for (const instance of instancesOf(machine, appId)) {
        healthChecks.follow(instance)
        checks.follow(instance)
        readiness.follow(instance)
      }
      servicePorts.follow(appId, machine.apps.get(appId))
    } catch (error) {
      machine.log.error({ err: error, appId }, 'app could not be moved on')
    }
  }

  function lookAtAll(): void {
    forgiveOldDelays(machine)
    for (const appId of machine.apps.keys()) touch(appId)
    for (const instance of machine.instances.values()) touch(instance.appId)
    for (const deployment of machine.deployments.values()) for (const appId of appsOf(deployment)) touch(appId)
  }

  const timer = setInterval(lookAtAll, lookAgainMs)
  timer.unref()

  return {
    touch,
    start() {
      isStarted = true
      lookAtAll()
    },
    close() {
      isClosed = true
      clearInterval(timer)
    },
  }
}
