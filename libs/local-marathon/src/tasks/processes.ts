import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** A process that the kernel cannot end (stuck in a system call) must not hold its app for ever. */
const leftoversMaxMs = 60_000
const leftoversPauseMs = 15

/** Identifies the boot of this machine; process ids of another boot say nothing. */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return 'unknown'
  }
}

/** When a process started, in clock ticks since boot, or nothing when it is gone or only waits to be reaped. */
export function findStartTime(pid: number): string | undefined {
  const fields = findStat(pid)
  const isDead = fields?.[0] === 'Z' || fields?.[0] === 'X'
  return isDead ? undefined : fields?.[19]
}

function findProcessGroup(pid: number): number | undefined {
  const group = findStat(pid)?.[2]
  return group === undefined ? undefined : Number(group)
}

/** The fields of /proc/PID/stat from the third on: before it stands the program's name, which may hold anything. */
function findStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

const marker = 'MESOS_TASK_ID='
const firstMarker = Buffer.from(marker)
const laterMarker = Buffer.from(`\0${marker}`)

/** Every process of this machine that carries a task id in its environment, by task. One pass serves all tasks. */
export function listTaskProcesses(): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
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

let shared: Promise<Map<string, number[]>> | undefined

/** The same, but many askers of one moment share one pass: it reads a file for each process of the machine. */
export function scanTaskProcesses(): Promise<Map<string, number[]>> {
  shared ??= new Promise((resolve) => {
    setImmediate(() => {
      shared = undefined
      resolve(listTaskProcesses())
    })
  })
  return shared
}

/** Sends a signal to every process of a task, detached ones too. Says how many there were. */
export async function signalTask(taskId: string, signal: NodeJS.Signals): Promise<number> {
  const pids = (await scanTaskProcesses()).get(taskId) ?? []
  for (const pid of pids) signalProcess(pid, signal)
  return pids.length
}

/**
 * Asks a task to end: once each, as a second SIGTERM means "at once" to many programs. The kernel tells the shim's
 * whole process group in one step, so that none slips through while it forks; those that left the group are looked for.
 */
export async function askTaskToEnd(taskId: string, shimPid: number | undefined): Promise<void> {
  if (shimPid !== undefined) {
    await waitForCommand(taskId, shimPid)
    signalProcess(-shimPid, 'SIGTERM')
  }
  for (const pid of (await scanTaskProcesses()).get(taskId) ?? []) {
    if (shimPid === undefined || findProcessGroup(pid) !== shimPid) signalProcess(pid, 'SIGTERM')
  }
}

const commandMaxMs = 500
const commandPauseMs = 2

/** A signal that meets the shim's fork before it became the command is swallowed by the shell, so it is waited for. */
async function waitForCommand(taskId: string, shimPid: number): Promise<void> {
  const endAt = Date.now() + commandMaxMs
  const shim = findCommandLine(shimPid)
  while (shim !== undefined && findStartTime(shimPid) !== undefined && Date.now() < endAt) {
    const pids = (await scanTaskProcesses()).get(taskId) ?? []
    if (pids.some((pid) => pid !== shimPid && findCommandLine(pid) !== shim)) return
    await pause(commandPauseMs)
  }
}

function findCommandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return undefined
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself in between.
  }
}

/** Ends every process of a task, again and again until none is left (they may fork meanwhile). False: some would not die. */
export async function endTaskProcesses(taskId: string): Promise<boolean> {
  const endAt = Date.now() + leftoversMaxMs
  while ((await signalTask(taskId, 'SIGKILL')) > 0) {
    if (Date.now() > endAt) return false
    await pause(leftoversPauseMs)
  }
  return true
}
