import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { crashPoint } from '@baton/service-kit/crash'
import type { AppDefinition } from '../apps/app.ts'
import { hasImage } from '../apps/check-container.ts'
import type { Containers } from '../containers/containers.ts'
import { signalsTo } from '../containers/signals.ts'
import { type Machine, saveInstance } from '../machine.ts'
import type { MemoryCaps } from '../memory/memory-caps.ts'
import { advanceDelay } from '../queue/delays.ts'
import { createFilling } from '../sandbox/filling.ts'
import { findAccount, ownAccount } from './account.ts'
import { createAdoption } from './adopt.ts'
import { type Instance, isActive, isOver, type Task } from './instance.ts'
import { createKills } from './kills.ts'
import { dropped, gone, type Outcome, outcomeOfExit, outcomeOfLog } from './outcome.ts'
import { endTaskProcesses, readBootId, signalTask } from './processes.ts'
import { settle } from './settle.ts'
import { startProcess } from './start-process.ts'
import { taskCommand } from './task-command.ts'
import { makeTaskLogFolder, readTaskLog, revokeStart } from './task-log.ts'

/** Mesos kills a task that outlives its grace period; this is the period of a task that names none. */
const defaultKillGraceMs = 3_000

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

export function createRunner(machine: Machine, memory: MemoryCaps, containers: Containers): Runner {
  makeTaskLogFolder(machine.settings.dataDir)
  const bootId = readBootId()
  const watch = createAdoption()
  const kills = createKills(machine, signalsTo(containers))
  const filling = createFilling(machine.settings.dataDir)
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
      ...(hasImage(app.container) ? { isContainer: true } : {}),
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
    // The client of an engine is this server's own; whoever a container runs as is said by its image.
    const account = app.user === undefined || task.isContainer ? ownAccount() : await findAccount(app.user)
    if (!account) {
      return end(instance, task, { state: 'TASK_FAILED', message: `Failed to launch: user unknown: ${app.user}` })
    }
    const problem = await filling.fill(task, app, account)
    if (isClosed) return
    if (task.isKilled) return end(instance, task, { state: 'TASK_KILLED', message: 'Killed before it started' })
    if (problem) return end(instance, task, { state: 'TASK_FAILED', message: problem })
    const child = await startProcess({
      dataDir: machine.settings.dataDir,
      taskId: task.id,
      sandbox: task.sandbox,
      ...taskCommand(machine, app, instance.version, task, account),
      account,
    })
    crashPoint('local-marathon.task.after-spawn')
    kills.started(task, child.pid)
    watchChild(instance, task, child)
    running(instance, task)
    if (task.isKilled) kills.begin(task)
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
    // An engine keeps its containers to their memory by itself.
    if (task.isContainer) return
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
    filling.stop(instance.task)
    if (instance.task.state === 'TASK_RUNNING') kills.begin(instance.task)
  }

  /** The command is gone. The task is over when nothing of it is left. */
  async function end(instance: Instance, task: Task, outcome: Outcome): Promise<void> {
    if (ending.has(task.id)) return
    ending.add(task.id)
    kills.ended(task)
    if (task.isContainer) await containers.remove(task)
    const isClean = await endTaskProcesses(task.id)
    if (!isClean) machine.log.error({ taskId: task.id }, 'processes of an ended task could not be killed')
    if (isClosed) return
    ending.delete(task.id)
    const excess = memory.findExcess(task)
    memory.release(task)
    if (instance.task !== task || isOver(task)) return
    crashPoint('local-marathon.task.before-end')
    const why = excess ?? (task.isContainer ? outcome.message.replace(/^Command/, 'Container') : outcome.message)
    settle(machine, instance, task, { state: excess ? 'TASK_FAILED' : outcome.state, message: why })
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
    filling.close()
    kills.close()
  }

  return { launch, kill, adoptAll, close }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
