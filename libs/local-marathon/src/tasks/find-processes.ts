import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { listPids, type PidMark } from './pid-mark.ts'

const marker = 'MESOS_TASK_ID='
const firstMarker = Buffer.from(marker)
const laterMarker = Buffer.from(`\0${marker}`)

/** Every process of this machine that carries a task id in its environment, by task, but those older than `since`. */
export function listTaskProcesses(since?: PidMark): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const pid of listPids(since)) {
    if (pid === process.pid) continue
    const taskId = findTaskId(pid)
    if (taskId === undefined) continue
    const pids = found.get(taskId)
    if (pids) pids.push(pid)
    else found.set(taskId, [pid])
  }
  return found
}

/** Read for each process of the machine at each end of a task, so one buffer and no more calls than it takes. */
const environBuffer = Buffer.allocUnsafe(64 * 1024)

function findTaskId(pid: number): string | undefined {
  let file: number | undefined
  try {
    file = openSync(`/proc/${pid}/environ`, 'r')
    const bytes = readSync(file, environBuffer, 0, environBuffer.length, 0)
    const isWhole = bytes < environBuffer.length
    return findMarked(isWhole ? environBuffer.subarray(0, bytes) : readFileSync(`/proc/${pid}/environ`))
  } catch {
    // Gone in between, or another account's process: none of ours.
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function findMarked(environment: Buffer): string | undefined {
  const isFirst = environment.subarray(0, marker.length).equals(firstMarker)
  const at = isFirst ? 0 : environment.indexOf(laterMarker) + 1
  if (at === 0 && !isFirst) return undefined
  const end = environment.indexOf(0, at)
  return environment.toString('latin1', at + marker.length, end === -1 ? environment.length : end)
}

/** Where the numbering stood before each task's first process, as far as that is known. */
const marks = new Map<string, PidMark>()

/** From now on processes that are older are not looked at for this task: nothing of it can be. */
export function noteTaskStart(taskId: string, mark: PidMark | undefined): void {
  if (mark !== undefined) marks.set(taskId, mark)
}

/** The task has ended, whole. */
export function forgetTask(taskId: string): void {
  marks.delete(taskId)
}

let shared: { readonly taskIds: Set<string>; readonly scan: Promise<Map<string, number[]>> } | undefined

/**
 * The processes of a task. Many askers of one moment share one pass: it reads a file for each process that is not older
 * than all of their tasks.
 */
export async function listProcessesOf(taskId: string): Promise<number[]> {
  shared ??= shareScan()
  shared.taskIds.add(taskId)
  return (await shared.scan).get(taskId) ?? []
}

function shareScan() {
  const taskIds = new Set<string>()
  const scan = new Promise<Map<string, number[]>>((resolve) => {
    setImmediate(() => {
      shared = undefined
      resolve(listTaskProcesses(findOldest([...taskIds])))
    })
  })
  return { taskIds, scan }
}

/** The mark of the task that started first; none if that of any is not known. */
function findOldest(taskIds: readonly string[]): PidMark | undefined {
  const known = taskIds.map((taskId) => marks.get(taskId)).filter((mark) => mark !== undefined)
  if (known.length < taskIds.length) return undefined
  return known.reduce((oldest, mark) => (mark.forks < oldest.forks ? mark : oldest))
}
