import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { crashPoint } from '@baton/service-kit/crash'
import type { AppDefinition } from '../apps/app.ts'
import { fetchAll } from '../fetch/fetch-all.ts'
import { forgetInstance, type Machine, saveApp, saveInstance } from '../machine.ts'
import { advanceDelay, delayNextLaunch } from '../queue/delays.ts'
import { prepareSandbox } from '../sandbox/prepare.ts'
import { type Account, findAccount, ownAccount } from './account.ts'
import { createAdoption } from './adopt.ts'
import { taskEnvironment } from './environment.ts'
import { delayedStates, type Instance, isActive, isOver, type Task, type TaskState } from './instance.ts'
import { type Outcome, outcomeOfExit, outcomeOfLog } from './outcome.ts'
import { askTaskToEnd, endTaskProcesses, readBootId, signalTask } from './processes.ts'
import { commandOf, startProcess } from './start-process.ts'
import { readTaskLog, revokeStart } from './task-log.ts'

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

export function createRunner(machine: Machine): Runner {
  const bootId = readBootId()
  const watch = createAdoption()
  const killTimers = new Map<string, NodeJS.Timeout>()
  const fetches = new Map<string, AbortController>()
  /** The shim leads a process group of its own; known as long as it lives. */
  const groups = new Map<string, number>()
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
    if (!account)
      return end(instance, task, { state: 'TASK_FAILED', message: `Failed to launch: user unknown: ${app.user}` })
    const problem = await fill(task, app, account)
    if (isClosed) return
    if (task.isKilled) return end(instance, task, { state: 'TASK_KILLED', message: 'Killed before it started' })
    if (problem) return end(instance, task, { state: 'TASK_FAILED', message: problem })
    const child = await startProcess({
      dataDir: machine.settings.dataDir,
      taskId: task.id,
      sandbox: task.sandbox,
      argv: commandOf(app),
      environment: taskEnvironment(app, instance.version, task, { ...place(), account }),
      account,
    })
    crashPoint('local-marathon.task.after-spawn')
    if (child.pid) groups.set(task.id, child.pid)
    watchChild(instance, task, child)
    running(instance, task)
    if (task.isKilled) signalKill(instance, task)
  }

  function place() {
    const { taskHost: host, frameworkId, agentId, port: agentPort } = machine.settings
    return { host, frameworkId, agentId, agentPort }
  }

  async function fill(task: Task, app: AppDefinition, account: Account): Promise<string | undefined> {
    const abort = new AbortController()
    fetches.set(task.id, abort)
    try {
      await prepareSandbox(task.sandbox, account)
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
    task.state = 'TASK_RUNNING'
    task.startedAt = machine.now().toISOString()
    saveInstance(machine, instance)
    advanceDelay(machine, instance.appId)
    machine.events.statusUpdate(instance, task)
    machine.touch(instance.appId)
  }

  function watchChild(instance: Instance, task: Task, child: ChildProcess): void {
    child.on('exit', (code, signal) => {
      if (isClosed) return
      void readTaskLog(machine.settings.dataDir, task.id).then((log) =>
        end(instance, task, outcomeOfLog(log) ?? outcomeOfExit(code, signal)),
      )
    })
  }

  function kill(instance: Instance): void {
    if (!isActive(instance) || instance.task.isKilled) return
    instance.task.isKilled = true
    saveInstance(machine, instance)
    machine.health.forget(instance.id)
    fetches.get(instance.task.id)?.abort()
    if (instance.task.state === 'TASK_RUNNING') signalKill(instance, instance.task)
  }

  function signalKill(instance: Instance, task: Task): void {
    void askTaskToEnd(task.id, groups.get(task.id))
    const timer = setTimeout(() => {
      machine.log.info({ taskId: task.id, appId: instance.appId }, 'task outlived its grace period')
      void signalTask(task.id, 'SIGKILL')
    }, task.killGraceMs)
    timer.unref()
    killTimers.set(task.id, timer)
  }

  /** The command is gone. The task is over when nothing of it is left. */
  async function end(instance: Instance, task: Task, outcome: Outcome): Promise<void> {
    if (ending.has(task.id)) return
    ending.add(task.id)
    groups.delete(task.id)
    clearTimeout(killTimers.get(task.id))
    killTimers.delete(task.id)
    const isClean = await endTaskProcesses(task.id)
    if (!isClean) machine.log.error({ taskId: task.id }, 'processes of an ended task could not be killed')
    if (isClosed) return
    ending.delete(task.id)
    if (instance.task !== task || isOver(task)) return
    crashPoint('local-marathon.task.before-end')
    const state: TaskState = task.isKilled ? 'TASK_KILLED' : outcome.state
    task.state = state
    task.message = outcome.message
    machine.health.forget(instance.id)
    noteFailure(instance, task)
    settle(instance, state)
    machine.events.statusUpdate(instance, task)
    machine.log.info({ taskId: task.id, state, message: outcome.message }, 'task ended')
    machine.touch(instance.appId)
  }

  /** Decides in one write whether the instance goes away, or waits to be launched again and since when. */
  function settle(instance: Instance, state: TaskState): void {
    if (instance.goal === 'Stopped') {
      forgetInstance(machine, instance)
      return
    }
    const app = machine.apps.get(instance.appId)
    if (app && instance.configVersion === app.current.lastConfigChangeAt && delayedStates.includes(state)) {
      delayNextLaunch(machine, app)
    }
    instance.since = machine.now().toISOString()
    saveInstance(machine, instance)
    crashPoint('local-marathon.task.after-end')
  }

  function noteFailure(instance: Instance, task: Task): void {
    const app = machine.apps.get(instance.appId)
    if (!app || task.state === 'TASK_FINISHED' || task.state === 'TASK_KILLED') return
    const failure = {
      appId: instance.appId,
      host: machine.settings.taskHost,
      message: task.message,
      state: task.state,
      taskId: task.id,
      timestamp: machine.now().toISOString(),
      version: instance.version,
      slaveId: machine.settings.agentId,
    }
    saveApp(machine, { ...app, lastTaskFailure: failure })
  }

  async function adopt(instance: Instance, task: Task): Promise<void> {
    let log = await readTaskLog(machine.settings.dataDir, task.id)
    if (log.first === 'nothing') log = await revokeStart(machine.settings.dataDir, task.id)
    const ended = outcomeOfLog(log)
    const isGone = log.first !== 'started' || task.bootId !== bootId || !watch.isAlive(log)
    if (ended || isGone) {
      // It may have ended between the two looks: the log is read again before its end counts as unknown.
      const late = ended ?? outcomeOfLog(await readTaskLog(machine.settings.dataDir, task.id))
      return end(instance, task, late ?? { state: 'TASK_LOST', message: 'The task was gone when the server came back' })
    }
    machine.log.info({ taskId: task.id, pid: log.pid }, 'task adopted')
    if (log.pid) groups.set(task.id, log.pid)
    if (task.state !== 'TASK_RUNNING') running(instance, task)
    if (task.isKilled) signalKill(instance, task)
    watch.add(log, () => {
      if (isClosed) return
      void readTaskLog(machine.settings.dataDir, task.id).then((last) =>
        end(
          instance,
          task,
          outcomeOfLog(last) ?? { state: 'TASK_FAILED', message: 'Command terminated with signal Killed' },
        ),
      )
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
    for (const timer of killTimers.values()) clearTimeout(timer)
  }

  return { launch, kill, adoptAll, close }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
