import { randomUUID } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { availableParallelism, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '@baton/service-kit/log'
import { createApplications } from './apps/applications.ts'
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
import { createHostPorts } from './ports/host-ports.ts'
import { createServicePorts } from './ports/service-ports.ts'
import { createLaunchQueue } from './queue/launch-queue.ts'
import { recall } from './recall.ts'
import { startCollecting } from './sandbox/collect.ts'
import { startRotating } from './sandbox/rotate.ts'
import type { MemoryCapsWish, Settings } from './settings.ts'
import { lockFolder } from './store/folder-lock.ts'
import { openStore, type Store } from './store/store.ts'
import { isActive } from './tasks/instance.ts'
import { startGivingUp } from './tasks/overdue.ts'
import { createRunner, type Runner } from './tasks/runner.ts'

const mebibyte = 1024 * 1024
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const killAllMaxMs = 60_000
const killAllPauseMs = 25

export interface LocalMarathonOptions {
  /** State, task logs and (unless `sandboxDir` is given) sandboxes. One server at a time. */
  readonly dataDir: string
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  /** With a password, every request needs both, as with Marathon's --http_credentials. */
  readonly user?: string
  readonly password?: string
  /** CPUs offered, a share and no cap. Default: twice the cores, 4 at least. */
  readonly cpus?: number
  /** Memory offered. Default: the machine's less 1 GB, as a Mesos agent does, or half of a small one. */
  readonly memMb?: number
  /** Disk offered. Default: that of the sandboxes less 5 GB, as a Mesos agent does, or half of a small one. */
  readonly diskMb?: number
  readonly taskLaunchMaxMs?: number
  /** Tasks that use more memory than they asked for are ended, as an agent of Mesos does. Default: auto. */
  readonly memoryCaps?: MemoryCapsWish
  readonly forgetDelays?: boolean
  readonly hostPorts?: { readonly from: number; readonly to: number }
  readonly servicePorts?: { readonly from: number; readonly to: number }
  readonly sandboxDir?: string
  readonly endedSandboxesMax?: number
  readonly endedSandboxMaxMs?: number
  readonly logBytesMax?: number
  readonly log: Log
  readonly now?: () => Date
}

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
    now,
    touch: (appId) => orchestrator.touch(appId),
  }
  recall(machine)
  if (settings.forgetDelays) forgetAllDelays(machine)
  const memory = createMemoryCaps(machine)
  machine.log.info({ how: memory.how }, 'memory caps')
  const runner = createRunner(machine, memory)
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

function readSettings(options: LocalMarathonOptions, ids: { frameworkId: string; agentId: string }): Settings {
  const totalMb = Math.floor(totalmem() / mebibyte)
  const isAnyAddress = options.host === '0.0.0.0' || options.host === '::'
  return {
    ...ids,
    dataDir: options.dataDir,
    sandboxDir: resolve(options.sandboxDir ?? join(options.dataDir, 'sandboxes')),
    host: options.host,
    taskHost: isAnyAddress ? '127.0.0.1' : options.host,
    port: options.port,
    cpus: options.cpus ?? Math.max(4, 2 * availableParallelism()),
    memMb: options.memMb ?? (totalMb >= 2048 ? totalMb - 1024 : Math.floor(totalMb / 2)),
    diskMb: options.diskMb ?? readDiskMb(options.dataDir),
    taskLaunchMaxMs: options.taskLaunchMaxMs ?? 5 * minuteMs,
    memoryCaps: options.memoryCaps ?? 'auto',
    forgetDelays: options.forgetDelays ?? false,
    hostPorts: options.hostPorts ?? { from: 31_000, to: 32_000 },
    servicePorts: options.servicePorts ?? { from: 10_000, to: 20_000 },
    runningDeploymentsMax: 100,
    endedSandboxesMax: options.endedSandboxesMax ?? 500,
    endedSandboxMaxMs: options.endedSandboxMaxMs ?? 7 * dayMs,
    logBytesMax: options.logBytesMax ?? 256 * mebibyte,
  }
}

/** The size of the file system. One that does not say is taken for a small one. */
function readDiskMb(dir: string): number {
  const { blocks, bsize } = statfsSync(dir)
  const totalMb = Math.floor((blocks * bsize) / mebibyte)
  return totalMb >= 10_240 ? totalMb - 5_120 : Math.floor(totalMb / 2)
}
