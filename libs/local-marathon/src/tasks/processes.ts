import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { forgetTask, listProcessesOf } from './find-processes.ts'

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

/** Sends a signal to every process of a task, detached ones too. Says how many there were. */
export async function signalTask(taskId: string, signal: NodeJS.Signals): Promise<number> {
  const pids = await listProcessesOf(taskId)
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
  for (const pid of await listProcessesOf(taskId)) {
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
    const pids = await listProcessesOf(taskId)
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
  forgetTask(taskId)
  return true
}
