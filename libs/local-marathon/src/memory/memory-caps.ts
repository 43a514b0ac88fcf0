import type { Machine } from '../machine.ts'
import { listProcessesOf } from '../tasks/find-processes.ts'
import type { Task } from '../tasks/instance.ts'
import { countKilled, makeGroup, openEntrance, readPeak, removeGroup } from './cgroup.ts'
import { makeCgroupRoot } from './cgroup-root.ts'
import { ownBytes } from './task-memory.ts'

const mebibyte = 1024 * 1024
/** What Mesos gives a command's executor on top of what the task asked for; as its tasks fit, so do ours. */
const executorMb = 32
/** How often tasks are looked at where the kernel does not do it by itself. */
const lookMs = 1_000

/** Keeps each task to the memory that it asked for. */
export interface MemoryCaps {
  /** How, for the log and for `/status`. */
  readonly how: string
  /** Makes a place for a task that is about to start. @returns the handle by which it enters, to be closed by the caller */
  prepare(task: Task): number | undefined
  /** The task runs: from now on it is watched. `onExceeded` is called once. */
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
  const watched = new Map<string, { task: Task; onExceeded: () => void }>()
  const found = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined

  function prepare(task: Task): number | undefined {
    if ('problem' in root) return undefined
    try {
      task.memoryGroup = makeGroup(root, task.id, capOf(task))
      return openEntrance(task.memoryGroup)
    } catch (error) {
      machine.log.warn({ err: error, taskId: task.id }, 'task has no control group; it is looked at instead')
      delete task.memoryGroup
      return undefined
    }
  }

  function watch(task: Task, onExceeded: () => void): void {
    // Version 2 ends the whole task by itself.
    if (task.memoryGroup !== undefined && !('problem' in root) && root.version === 2) return
    watched.set(task.id, { task, onExceeded })
    timer ??= setInterval(() => void look(), lookMs).unref()
  }

  async function look(): Promise<void> {
    for (const { task, onExceeded } of [...watched.values()]) {
      const excess = task.memoryGroup === undefined ? await measure(task) : findExcess(task)
      if (excess === undefined || !watched.delete(task.id)) continue
      found.set(task.id, excess)
      onExceeded()
    }
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
    if (task.memoryGroup !== undefined) removeGroup(task.memoryGroup)
  }

  function close(): void {
    clearInterval(timer)
    // With tasks that go on in it, it stays.
    if (!('problem' in root)) removeGroup(root.dir)
  }

  return { how, prepare, watch, findExcess, release, close }
}

const capOf = (task: Task) => Math.floor((task.mem + executorMb) * mebibyte)

/** Mesos: its memory isolator, on the way to TASK_FAILED with REASON_CONTAINER_LIMITATION_MEMORY. */
function wordsOf(limitBytes: number, peakBytes = limitBytes): string {
  const mb = (bytes: number) => `${Math.round(bytes / mebibyte)}MB`
  return `Memory limit exceeded: Requested: ${mb(limitBytes)} Maximum Used: ${mb(peakBytes)}`
}

function off(how: string): MemoryCaps {
  const nothing = () => undefined
  return { how, prepare: nothing, watch: nothing, findExcess: nothing, release: nothing, close: nothing }
}
