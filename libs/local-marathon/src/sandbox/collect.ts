import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../machine.ts'
import { listTaskLogs, removeTaskLog } from '../tasks/task-log.ts'

/** How often old sandboxes are looked for. */
const collectPauseMs = 10 * 60_000

/** Removes the sandboxes of ended tasks once they are old or too many. Those of known tasks stay. */
export async function collectSandboxes(machine: Machine): Promise<number> {
  const { sandboxDir, dataDir, endedSandboxesMax, endedSandboxMaxMs } = machine.settings
  const known = new Set([...machine.instances.values()].map((instance) => instance.task?.id))
  // Only what this server made: the folder may be shared, and each task of ours has a log.
  const names = (await listTaskLogs(dataDir)).filter((name) => !known.has(name))
  const aged = await Promise.all(names.map(async (name) => ({ name, atMs: await changedAtMs(join(sandboxDir, name)) })))
  const oldest = machine.now().getTime() - endedSandboxMaxMs
  const newestFirst = aged.sort((a, b) => b.atMs - a.atMs)
  const doomed = newestFirst.filter(({ atMs }, index) => index >= endedSandboxesMax || atMs < oldest)
  for (const { name } of doomed) {
    await rm(join(sandboxDir, name), { recursive: true, force: true })
    await removeTaskLog(dataDir, name)
  }
  return doomed.length
}

/** The output file is the last that changes; the folder's own time is that of the last new name. */
async function changedAtMs(path: string): Promise<number> {
  const found = await stat(join(path, 'stdout')).catch(() => stat(path).catch(() => undefined))
  return found?.mtimeMs ?? 0
}

export function startCollecting(machine: Machine): { stop(): void } {
  const timer = setInterval(() => {
    collectSandboxes(machine).catch((error: unknown) =>
      machine.log.warn({ err: error }, 'sandboxes were not collected'),
    )
  }, collectPauseMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
