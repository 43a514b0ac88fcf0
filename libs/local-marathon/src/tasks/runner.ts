import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { crashPoint } from '@baton/service-kit/crash'
import type { AppDefinition } from '../apps/app.ts'
import { fetchAll } from '../fetch/fetch-all.ts'
import { type Machine, saveInstance } from '../machine.ts'
import type { MemoryCaps } from '../memory/memory-caps.ts'
import { advanceDelay } from '../queue/delays.ts'
import { prepareSandbox } from '../sandbox/prepare.ts'
import { type Account, findAccount, ownAccount } from './account.ts'
import { createAdoption } from './adopt.ts'
import { placeOf, taskEnvironment } from './environment.ts'
import { type Instance, isActive, isOver, type Task } from './instance.ts'
import { createKills } from './kills.ts'
import { type Outcome, outcomeOfExit, outcomeOfLog } from './outcome.ts'
import { endTaskProcesses, readBootId, signalTask } from './processes.ts'
import { settle } from './settle.ts'
import { commandOf, startProcess } from './start-process.ts'
import { makeTaskLogFolder, readTaskLog, revokeStart } from './task-log.ts'

/** Mesos kills a task that outlives its grace period; this is the period of a task that names none. */
const defaultKillGraceMs = 3_000

const gone: Outcome = { state: 'TASK_GONE', message: 'The task was gone when the server came back' }
const dropped: Outcome = { state: 'TASK_DROPPED', message: 'The server was gone before it could start the task' }

/** Starts, watches, kills and adopts tasks. */
export interface Runner {
  /** Launches the next incarnation of a waiting instance. Resources count as used at once. */
  launch(instance: Instance, app: AppDefinition, hostPorts: number[]): void
  /** SIGTERM to everything of the task, SIGKILL after its grace period. Repeats do nothing. */
  kill(instance: Instance): void
  /** After a restart of the server: takes over what still runs, learns how the rest ended. */
  adoptAll(): Promise<void>
  /** Stops watching; tasks stay as they are. */
  close(): void
}

export function createRunner(machine: Machine, memory: MemoryCaps): Runner {
  makeTaskLogFolder(machine.settings.dataDir)
  const bootId = readBootId()
  const watch = createAdoption()
  const kills = createKills(machine)
  const fetches = new Map<string, AbortController>()
  /** An end may be noticed twice; it counts once. */
  const ending = new Set<string>()
  let isClosed = false

  function launch(instance: Instance, app: AppDefinition, hostPorts: number[]): void {
    instance.incarnation += 1
    const id = `${instance.id}._app.${instance.incarnation}`
    const task: Task = {
      id,
      state: 'TASK_STAGING',
      message: '',
      hostPorts,
      stagedAt: machine.now().toISOString(),
      sandbox: join(machine.settings.sandboxDir, id),
      bootId,
      cpus: app.cpus,
      mem: app.mem,
      disk: app.disk,
      killGraceMs: (app.taskKillGracePeriodSeconds ?? defaultKillGraceMs / 1_000) * 1_000,
      healthChecks: app.healthChecks ?? [],
    }
    instance.task = task
    saveInstance(machine, instance)
    machine.events.instanceChanged(instance, 'Provisioned')
    advanceDelay(machine, instance.appId)
    void start(instance, task, app).catch((error: unknown) => {
      machine.log.error({ err: error, taskId: id }, 'task could not be started')
      return end(instance, task, { state: 'TASK_FAILED', message: `Failed to launch: ${messageOf(error)}` })
    })
  }

  async function start(instance: Instance, task: Task, app: AppDefinition): Promise<void> {
    // The id has to be on disk before anything of it exists: a crash from here on finds it as an intent.
    await machine.store.durable()
    crashPoint('local-marathon.task.before-spawn')
    machine.events.statusUpdate(instance, task)
    const account = app.user === undefined ? ownAccount() : await findAccount(app.user)
    if (!account) {
      return end(instance, task, { state: 'TASK_FAILED', message: `Failed to launch: user unknown: ${app.user}` })
    }
    const problem = await fill(task, app, account)
    if (isClosed) return
    if (task.isKilled) return end(instance, task, { state: 'TASK_KILLED', message: 'Killed before it started' })
    if (problem) return end(instance, task, { state: 'TASK_FAILED', message: problem })
    const child = await startProcess({
      dataDir: machine.settings.dataDir,
      taskId: task.id,
      sandbox: task.sandbox,
      argv: commandOf(app),
      environment: taskEnvironment(app, instance.version, task, { ...placeOf(machine.settings), account }),
      account,
      groupEntrance: memory.prepare(task),
    })
    crashPoint('local-marathon.task.after-spawn')
    kills.started(task, child.pid)
    watchChild(instance, task, child)
    running(instance, task)
    if (task.isKilled) kills.begin(task)
  }

  async function fill(task: Task, app: AppDefinition, account: Account): Promise<string | undefined> {
    const abort = new AbortController()
    fetches.set(task.id, abort)
    try {
      await prepareSandbox(task.sandbox, account, app)
      const cacheDir = join(machine.settings.dataDir, 'cache')
      await fetchAll(app.fetch ?? [], { sandbox: task.sandbox, cacheDir, account, signal: abort.signal })
      return undefined
    } catch (error) {
      return `Failed to fetch all URIs for container '${task.id}': ${messageOf(error)}`
    } finally {
      fetches.delete(task.id)
    }
  }

  function running(instance: Instance, task: Task): void {
    watchMemory(task)
    task.state = 'TASK_RUNNING'
    task.startedAt = machine.now().toISOString()
    saveInstance(machine, instance)
    advanceDelay(machine, instance.appId)
    machine.events.statusUpdate(instance, task)
    machine.touch(instance.appId)
  }

  /** Its end is noticed as any other; why it ended is known then. */
  function watchMemory(task: Task): void {
    memory.watch(task, () => {
      machine.log.warn({ taskId: task.id }, 'task had more memory than it may')
      void signalTask(task.id, 'SIGKILL')
    })
  }

  function watchChild(instance: Instance, task: Task, child: ChildProcess): void {
    const gone = (code: number | null, signal: NodeJS.Signals | null) => {
      if (isClosed) return
      const log = readTaskLog(machine.settings.dataDir, task.id)
      void end(instance, task, outcomeOfLog(log) ?? outcomeOfExit(code, signal))
    }
    // A short command may be over before anybody listens.
    const isOverAlready = child.exitCode !== null || child.signalCode !== null
    if (isOverAlready) setImmediate(gone, child.exitCode, child.signalCode)
    else child.on('exit', gone)
  }

  function kill(instance: Instance): void {
    if (!isActive(instance) || instance.task.isKilled) return
    instance.task.isKilled = true
    saveInstance(machine, instance)
    machine.health.forget(instance.id)
    fetches.get(instance.task.id)?.abort()
    if (instance.task.state === 'TASK_RUNNING') kills.begin(instance.task)
  }

  /** The command is gone. The task is over when nothing of it is left. */
  async function end(instance: Instance, task: Task, outcome: Outcome): Promise<void> {
    if (ending.has(task.id)) return
    ending.add(task.id)
    kills.ended(task)
    const isClean = await endTaskProcesses(task.id)
    if (!isClean) machine.log.error({ taskId: task.id }, 'processes of an ended task could not be killed')
    if (isClosed) return
    ending.delete(task.id)
    const excess = memory.findExcess(task)
    memory.release(task)
    if (instance.task !== task || isOver(task)) return
    crashPoint('local-marathon.task.before-end')
    settle(machine, instance, task, excess ? { state: 'TASK_FAILED', message: excess } : outcome)
  }

  async function adopt(instance: Instance, task: Task): Promise<void> {
    let log = readTaskLog(machine.settings.dataDir, task.id)
    if (log.first === 'nothing') log = revokeStart(machine.settings.dataDir, task.id)
    const ended = outcomeOfLog(log)
    const isGone = log.first !== 'started' || task.bootId !== bootId || !watch.isAlive(log)
    if (ended || isGone) {
      // It may have ended between the two looks: the log is read again before its end counts as unknown.
      const late = ended ?? outcomeOfLog(readTaskLog(machine.settings.dataDir, task.id))
      return end(instance, task, late ?? (log.first === 'started' ? gone : dropped))
    }
    machine.log.info({ taskId: task.id, pid: log.pid }, 'task adopted')
    kills.started(task, log.pid)
    if (task.state === 'TASK_RUNNING') watchMemory(task)
    else running(instance, task)
    if (task.isKilled) kills.begin(task)
    watch.add(log, () => {
      if (isClosed) return
      const last = outcomeOfLog(readTaskLog(machine.settings.dataDir, task.id))
      void end(instance, task, last ?? { state: 'TASK_FAILED', message: 'Command terminated with signal Killed' })
    })
  }

  async function adoptAll(): Promise<void> {
    const active = [...machine.instances.values()].filter(isActive)
    await Promise.all(active.map((instance) => adopt(instance, instance.task)))
  }

  function close(): void {
    isClosed = true
    watch.close()
    for (const abort of fetches.values()) abort.abort()
    kills.close()
  }

  return { launch, kill, adoptAll, close }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
