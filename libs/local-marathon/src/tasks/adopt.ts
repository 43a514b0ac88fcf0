import { findStartTime } from './processes.ts'
import type { TaskLog } from './task-log.ts'

/** The server is not the parent of adopted tasks, so nobody tells it of their end: it looks. One small read for each. */
const lookMs = 100

/** Watches processes that an earlier server started. */
export function createAdoption() {
  const watched = new Map<TaskLog, () => void>()
  let timer: NodeJS.Timeout | undefined

  function isAlive(log: TaskLog): boolean {
    return log.pid !== undefined && findStartTime(log.pid) === log.startTime
  }

  function look(): void {
    for (const [log, onGone] of watched) {
      if (isAlive(log)) continue
      watched.delete(log)
      onGone()
    }
    if (watched.size === 0) close()
  }

  function add(log: TaskLog, onGone: () => void): void {
    watched.set(log, onGone)
    timer ??= setInterval(look, lookMs)
  }

  function close(): void {
    clearInterval(timer)
    timer = undefined
  }

  return { isAlive, add, close }
}
