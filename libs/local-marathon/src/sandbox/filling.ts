import { join } from 'node:path'
import type { AppDefinition } from '../apps/app.ts'
import { fetchAll } from '../fetch/fetch-all.ts'
import type { Account } from '../tasks/account.ts'
import type { Task } from '../tasks/instance.ts'
import { prepareSandbox } from './prepare.ts'

/** Makes sandboxes and brings in what their tasks fetch, until told to stop. */
export function createFilling(dataDir: string) {
  const running = new Map<string, AbortController>()
  const cacheDir = join(dataDir, 'cache')

  /** Resolves with what went wrong, in Mesos's words, or nothing. */
  async function fill(task: Task, app: AppDefinition, account: Account): Promise<string | undefined> {
    const abort = new AbortController()
    running.set(task.id, abort)
    try {
      await prepareSandbox(task.sandbox, account, app)
      await fetchAll(app.fetch ?? [], { sandbox: task.sandbox, cacheDir, account, signal: abort.signal })
      return undefined
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return `Failed to fetch all URIs for container '${task.id}': ${why}`
    } finally {
      running.delete(task.id)
    }
  }

  return {
    fill,
    stop: (task: Task) => running.get(task.id)?.abort(),
    close() {
      for (const abort of running.values()) abort.abort()
    },
  }
}
