import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createApplications } from './apps/applications.ts'
import { createContainers } from './containers/containers.ts'
import { findEngine } from './containers/engine.ts'
import { createOrchestrator } from './deployments/orchestrator.ts'
import { EventBus } from './events/bus.ts'
import { createRootUpdates } from './groups/root-updates.ts'
import { createActiveChecks } from './health/active-checks.ts'
import { createChecks } from './health/checks.ts'
import { HealthBook } from './health/health-book.ts'
import { createHealthChecks } from './health/health-checks.ts'
import { createReadiness } from './health/readiness.ts'
import { createHttp } from './http/server.ts'
import { keys, type Machine } from './machine.ts'
import { createMemoryCaps } from './memory/memory-caps.ts'
import { type LocalMarathonOptions, readSettings } from './options.ts'
import { createHostPorts } from './ports/host-ports.ts'
import { createServicePorts } from './ports/service-ports.ts'
import { createLaunchQueue } from './queue/launch-queue.ts'
import { recall } from './recall.ts'
import { startCollecting } from './sandbox/collect.ts'
import { startRotating } from './sandbox/rotate.ts'
import { lockFolder } from './store/folder-lock.ts'
import { openStore, type Store } from './store/store.ts'
import { isActive } from './tasks/instance.ts'
import { startGivingUp } from './tasks/overdue.ts'
import { createRunner, type Runner } from './tasks/runner.ts'

const killAllMaxMs = 60_000
const killAllPauseMs = 25

export interface LocalMarathon {
  readonly port: number
  /** Stops the server. Tasks run on and are adopted by the next start, unless `killTasks`. */
  stop(options?: { killTasks: boolean }): Promise<void>
}

/** Starts Marathon's REST API for this machine, and adopts what an earlier server left running. */
export async function startLocalMarathon(options: LocalMarathonOptions): Promise<LocalMarathon> {
  const dataDir = resolve(options.dataDir)
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const lock = await lockFolder(dataDir)
  try {
    return await startLocked({ ...options, dataDir }, () => lock.release())
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function startLocked(options: LocalMarathonOptions, release: () => Promise<void>): Promise<LocalMarathon> {
  const store = await openStore(options.dataDir, options.log)
  const settings = { ...readSettings(options, identity(store)), port: options.port }
  await mkdir(settings.sandboxDir, { recursive: true, mode: 0o711 })
  const engine = await findEngine(options.containerEngine ?? 'auto', options.engineEnvironment ?? {})
  const now = options.now ?? (() => new Date())
  const machine: Machine = {
    settings,
    log: options.log,
    store,
    events: new EventBus({ host: settings.taskHost, agentId: settings.agentId }, now),
    health: new HealthBook(),
    apps: new Map(),
    instances: new Map(),
    instancesByApp: new Map(),
    groups: new Map(),
    changes: new Map(),
    deployments: new Map(),
    delays: new Map(),
    engine,
    now,
    touch: (appId) => orchestrator.touch(appId),
  }
  recall(machine)
  if (settings.forgetDelays) forgetAllDelays(machine)
  const memory = createMemoryCaps(machine)
  machine.log.info({ memoryCaps: memory.how, containerEngine: engine ?? 'none' }, 'what tasks run in')
  const runner = createRunner(machine, memory, createContainers(machine))
  const readiness = createReadiness(machine)
  const activeChecks = createActiveChecks(machine)
  const checks = createChecks(machine)
  const healthChecks = createHealthChecks(machine, runner)
  const servicePorts = createServicePorts(machine)
  const queue = createLaunchQueue(machine, runner, createHostPorts(settings.hostPorts))
  const watching = { readiness, activeChecks, checks, healthChecks }
  const orchestrator = createOrchestrator({ machine, runner, ...watching, servicePorts, queue })
  const givingUp = startGivingUp(machine, runner)
  const collecting = startCollecting(machine)
  const rotating = startRotating(machine)
  const root = createRootUpdates(machine, servicePorts)
  function abdicate(): void {
    machine.events.emit('scheduler_disconnected_event', {})
    activeChecks.removeAll()
    machine.events.disconnectAll()
    machine.health.forgetAll()
    if (settings.forgetDelays) forgetAllDelays(machine)
    orchestrator.start()
    machine.events.emit('scheduler_registered_event', {
      frameworkId: settings.frameworkId,
      master: `${settings.taskHost}:${settings.port}`,
    })
  }
  const applications = createApplications(machine, root)
  const http = createHttp(
    { machine, root, applications, runner, readiness, servicePorts, abdicate },
    credentialsOf(options),
  )
  async function close(): Promise<void> {
    for (const part of [orchestrator, queue, healthChecks, checks, readiness, servicePorts, givingUp, runner, memory])
      part.close()
    collecting.stop()
    rotating.stop()
    await http.close()
    await store.close()
  }

  try {
    // What runs is known before anybody can ask, and before anything is launched in its place.
    await runner.adoptAll()
    await http.listen({ host: settings.host, port: settings.port })
  } catch (error) {
    await close()
    throw error
  }
  settings.port = (http.server.address() as AddressInfo).port
  orchestrator.start()

  async function stop({ killTasks } = { killTasks: false }): Promise<void> {
    if (killTasks) {
      queue.close()
      await killAll(machine, runner)
    }
    await close()
    await release()
  }
  return { port: settings.port, stop }
}

async function killAll(machine: Machine, runner: Runner): Promise<void> {
  const endAt = Date.now() + killAllMaxMs
  const active = () => [...machine.instances.values()].filter(isActive)
  for (const instance of active()) runner.kill(instance)
  while (active().length > 0 && Date.now() < endAt) await pause(killAllPauseMs)
}

function forgetAllDelays(machine: Machine): void {
  for (const appId of machine.delays.keys()) machine.store.set(keys.delay(appId), null)
  machine.delays.clear()
}

function credentialsOf({ user, password }: LocalMarathonOptions) {
  return password === undefined ? undefined : { user: user ?? 'marathon', password }
}

/** The framework's and the agent's id stay the same for the life of the data folder, as tasks carry them. */
function identity(store: Store): { frameworkId: string; agentId: string } {
  const known = store.list('identity')[0]?.[1] as { frameworkId: string; agentId: string } | undefined
  if (known) return known
  const fresh = { frameworkId: `${randomUUID()}-0000`, agentId: `${randomUUID()}-S0` }
  store.set('identity', fresh)
  return fresh
}
