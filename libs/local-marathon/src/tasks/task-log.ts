import { appendFileSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What the shim of a task wrote down. */
export interface TaskLog {
  /** The first line decides: a shim that finds `revoked` before its own line starts nothing. */
  readonly first: 'nothing' | 'started' | 'revoked'
  readonly pid?: number
  /** Field 22 of /proc/PID/stat: with the pid it names one process, even after the pid is used again. */
  readonly startTime?: string
  readonly exitCode?: number
}

const startedLine = /^started (\d+) (\d+)$/
const endedLine = /^ended (\d+)$/m

function path(dataDir: string, taskId: string): string {
  return join(dataDir, 'tasks', taskId)
}

/** Before the first task. */
export function makeTaskLogFolder(dataDir: string): void {
  mkdirSync(join(dataDir, 'tasks'), { recursive: true, mode: 0o700 })
}

/**
 * Opens the log twice, for the shim to append to and to read; the caller closes both. At once, as everything here: a
 * small file of this machine takes microseconds, many times less than the way to another thread and back.
 */
export function openTaskLog(dataDir: string, taskId: string): { append: number; read: number } {
  const append = openSync(path(dataDir, taskId), 'a', 0o600)
  return { append, read: openSync(path(dataDir, taskId), 'r') }
}

export function readTaskLog(dataDir: string, taskId: string): TaskLog {
  try {
    return parseTaskLog(readFileSync(path(dataDir, taskId), 'utf8'))
  } catch {
    return { first: 'nothing' }
  }
}

/** Only whole lines count: the shim writes each with one call. */
export function parseTaskLog(text: string): TaskLog {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const firstLine = whole.slice(0, whole.indexOf('\n'))
  if (firstLine === '') return { first: 'nothing' }
  const started = startedLine.exec(firstLine)
  if (!started) return { first: 'revoked' }
  const ended = endedLine.exec(whole)
  return {
    first: 'started',
    pid: Number(started[1]),
    startTime: started[2] ?? '',
    ...(ended ? { exitCode: Number(ended[1]) } : {}),
  }
}

/** Takes the right to start away from a shim that has not begun yet. The log afterwards says who was first. */
export function revokeStart(dataDir: string, taskId: string): TaskLog {
  appendFileSync(path(dataDir, taskId), 'revoked\n', { mode: 0o600 })
  return readTaskLog(dataDir, taskId)
}

/** The ids of all tasks that have a log. */
export async function listTaskLogs(dataDir: string): Promise<string[]> {
  return readdir(join(dataDir, 'tasks')).catch(() => [])
}

export async function removeTaskLog(dataDir: string, taskId: string): Promise<void> {
  await rm(path(dataDir, taskId), { force: true })
}
