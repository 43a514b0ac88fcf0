import type { App, AppVersion } from '../apps/app.ts'
import { deploymentsOf, turnOf } from '../deployments/deployment.ts'
import type { Machine } from '../machine.ts'
import type { HostPorts } from '../ports/host-ports.ts'
import { type Instance, isScheduled } from '../tasks/instance.ts'
import type { Runner } from '../tasks/runner.ts'
import { launchDelayMs } from './delays.ts'
import { couldEverFit, findObstacle } from './fit.ts'

/** The platform's own services are placed before builds. */
const priorityLabel = 'BATON_PRIORITY'

/** Launches what waits, first come first served, as cpus, mem and ports allow. */
export function createLaunchQueue(machine: Machine, runner: Runner, hostPorts: HostPorts) {
  let isRunning = false
  let isWanted = false
  let wake: NodeJS.Timeout | undefined
  let isClosed = false

  /** Looks at the queue now. Calls while it looks make it look once more. */
  async function launchWaiting(): Promise<void> {
    isWanted = true
    if (isRunning) return
    isRunning = true
    try {
      while (isWanted && !isClosed) {
        isWanted = false
        await pass()
      }
    } catch (error) {
      machine.log.error({ err: error }, 'the launch queue stumbled; it is looked at again soon')
    } finally {
      isRunning = false
    }
  }

  async function pass(): Promise<void> {
    let nextMs = Number.POSITIVE_INFINITY
    for (const instance of inOrder(machine)) {
      const app = machine.apps.get(instance.appId)
      if (!app || isClosed || !isScheduled(instance)) continue
      const waitMs = launchDelayMs(machine, app)
      if (waitMs > 0) nextMs = Math.min(nextMs, waitMs)
      else if (!(await tryLaunch(instance, app)) && couldEverFit(machine, app.current.definition)) break
    }
    wakeIn(nextMs)
  }

  async function tryLaunch(instance: Instance, app: App): Promise<boolean> {
    const { definition, version, lastConfigChangeAt } = launchedVersion(instance, app)
    if (findObstacle(machine, definition)) return false
    const ports = await hostPorts.take(definition, machine)
    if (!ports) return false
    // The world may have moved while ports were tried.
    const isStillWanted = machine.instances.get(instance.id) === instance && machine.apps.get(instance.appId) === app
    if (isClosed || !isStillWanted || !isScheduled(instance)) {
      isWanted = true
      return true
    }
    instance.version = version
    instance.configVersion = lastConfigChangeAt
    runner.launch(instance, definition, ports)
    return true
  }

  /** While an app waits for those it depends on, its old instances are launched again as they were. */
  function launchedVersion(instance: Instance, app: App): AppVersion {
    const isWaiting = deploymentsOf(machine, instance.appId).some((one) => turnOf(one, instance.appId) === 'waiting')
    const known = isWaiting ? app.older.find((one) => one.lastConfigChangeAt === instance.configVersion) : undefined
    return known ?? app.current
  }

  function wakeIn(waitMs: number): void {
    clearTimeout(wake)
    if (!Number.isFinite(waitMs) || isClosed) return
    wake = setTimeout(() => void launchWaiting(), Math.min(waitMs + 1, wakeMaxMs))
  }

  function close(): void {
    isClosed = true
    clearTimeout(wake)
  }

  return { launchWaiting, close }
}

/** Timers overflow after 24 days and drift over a week, so a long wait is looked at in between. */
const wakeMaxMs = 60_000

/** Everything that waits: the platform first, then by how long it waits. */
export function inOrder(machine: Machine): Instance[] {
  const isFirst = (instance: Instance) =>
    machine.apps.get(instance.appId)?.current.definition.labels[priorityLabel] === 'platform'
  return [...machine.instances.values()]
    .filter(isScheduled)
    .sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || a.since.localeCompare(b.since))
}
