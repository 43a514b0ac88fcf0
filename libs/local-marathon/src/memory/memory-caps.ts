import type { Machine } from '../machine.ts'
import { listProcessesOf } from '../tasks/find-processes.ts'
import type { Task } from '../tasks/instance.ts'
import { bringIn, countKilled, makeGroup, readPeak, removeEmptyGroups, removeGroup } from './cgroup.ts'
import { type CgroupRoot, makeCgroupRoot } from './cgroup-root.ts'
import { ownBytes } from './task-memory.ts'

const mebibyte = 1024 * 1024
/** What Mesos gives a command's executor on top of what the task asked for; as its tasks fit, so do ours. */
const executorMb = 32
/** How often tasks are looked at where the kernel does not do it by itself. */
const lookMs = 1_000

/**
 * A process that changes its group makes every fork of the machine wait some 10 ms. So a task may begin, and one that is
 * over by then never has a group.
 */
const holdAfterMs = 250

interface Watched {
  readonly task: Task
  readonly onExceeded: () => void
}

/** Keeps each task to the memory that it asked for. */
export interface MemoryCaps {
  /** How, for the log and for `/status`. */
  readonly how: string
  /** The task runs: from now on it is held to its memory, or watched. `onExceeded` is called once. */
  watch(task: Task, onExceeded: () => void): void
  /** In Mesos's words, when the task had more than it may. Valid until `release`. */
  findExcess(task: Task): string | undefined
  release(task: Task): void
  close(): void
}

export function createMemoryCaps(machine: Machine): MemoryCaps {
  const wish = machine.settings.memoryCaps
  if (wish === 'off') return off('off: tasks may use more memory than they asked for')
  const name = `baton-marathon-${machine.settings.agentId.slice(0, 8)}`
  const root = wish === 'look' ? { problem: 'none is wanted' } : makeCgroupRoot(name)
  const how =
    'problem' in root
      ? `looking at each task once a second; no control groups: ${root.problem}`
      : `control groups (version ${root.version}) in ${root.dir}`
  if (!('problem' in root)) removeEmptyGroups(root)
  /** Groups of ended tasks whose last process is not reaped yet. */
  const left = new Set<string>()
  const watched = new Map<string, Watched>()
  const found = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined

  function watch(task: Task, onExceeded: () => void): void {
    const one = { task, onExceeded }
    watched.set(task.id, one)
    if (!('problem' in root)) setTimeout(() => void hold(root, one), holdAfterMs).unref()
    timer ??= setInterval(() => void look(), lookMs).unref()
  }

  async function hold(own: CgroupRoot, one: Watched): Promise<void> {
    const { task } = one
    if (watched.get(task.id) !== one) return
    try {
      task.memoryGroup ??= makeGroup(own, task.id, capOf(task))
      await bringIn(task.memoryGroup, () => listProcessesOf(task.id))
    } catch (error) {
      delete task.memoryGroup
      machine.log.warn({ err: error, taskId: task.id }, 'task has no control group; it is looked at instead')
      return
    }
    if (watched.get(task.id) !== one) return leave(task.memoryGroup)
    // What it took before is not in the group's account.
    report(one, await measure(task))
    // Version 2 ends the whole task by itself.
    if (own.version === 2) watched.delete(task.id)
  }

  function leave(group: string): void {
    if (!removeGroup(group)) left.add(group)
  }

  async function look(): Promise<void> {
    for (const group of left) if (removeGroup(group)) left.delete(group)
    for (const one of [...watched.values()]) {
      report(one, one.task.memoryGroup === undefined ? await measure(one.task) : findExcess(one.task))
    }
  }

  function report({ task, onExceeded }: Watched, excess: string | undefined): void {
    if (excess === undefined || !watched.delete(task.id)) return
    found.set(task.id, excess)
    onExceeded()
  }

  async function measure(task: Task): Promise<string | undefined> {
    const bytes = ownBytes(await listProcessesOf(task.id), capOf(task))
    return bytes > capOf(task) ? wordsOf(capOf(task), bytes) : undefined
  }

  function findExcess(task: Task): string | undefined {
    if (task.memoryGroup === undefined || found.has(task.id)) return found.get(task.id)
    return countKilled(task.memoryGroup) > 0 ? wordsOf(capOf(task), readPeak(task.memoryGroup)) : undefined
  }

  function release(task: Task): void {
    watched.delete(task.id)
    found.delete(task.id)
    if (task.memoryGroup !== undefined) leave(task.memoryGroup)
  }

  function close(): void {
    clearInterval(timer)
    for (const group of left) removeGroup(group)
    // With tasks that go on in it, it stays.
    if (!('problem' in root)) removeGroup(root.dir)
  }

  return { how, watch, findExcess, release, close }
}

const capOf = (task: Task) => Math.floor((task.mem + executorMb) * mebibyte)

/** Mesos: its memory isolator, on the way to TASK_FAILED with REASON_CONTAINER_LIMITATION_MEMORY. */
function wordsOf(limitBytes: number, peakBytes = limitBytes): string {
  const mb = (bytes: number) => `${Math.round(bytes / mebibyte)}MB`
  return `Memory limit exceeded: Requested: ${mb(limitBytes)} Maximum Used: ${mb(peakBytes)}`
}

function off(how: string): MemoryCaps {
  const nothing = () => undefined
  return { how, watch: nothing, findExcess: nothing, release: nothing, close: nothing }
}
