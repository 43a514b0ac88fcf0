import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitSettings } from './environment.ts'
import { callGit } from './run.ts'

const fetchesPerRepack = 50
const repackMs = 300_000
const fetches = new Map<string, number>()
const opened = new Set<string>()

/**
 * Every fetch leaves a pack; now and then they are put together. Objects stay readable meanwhile, so nobody waits for
 * it, and a failure only means more packs.
 */
export function repackSometimes(settings: GitSettings, gitDir: string): void {
  const count = (fetches.get(gitDir) ?? 0) + 1
  fetches.set(gitDir, count % fetchesPerRepack)
  if (count < fetchesPerRepack) return
  const args = ['repack', '--geometric=2', '-d', '--quiet', '--write-midx']
  void callGit(settings, { args, gitDir, timeoutMs: repackMs }).catch(() => {})
}

/**
 * Lock files that a killed Git left behind make every later fetch fail. Whoever opens a mirror for the first time in
 * its life is its only user (see `claimFolder`), so all of them are stale.
 */
export async function removeStaleLocks(gitDir: string): Promise<void> {
  if (opened.has(gitDir)) return
  opened.add(gitDir)
  for (const name of await readdir(gitDir, { recursive: true })) {
    if (name.endsWith('.lock') && !name.startsWith('objects')) await rm(join(gitDir, name), { force: true })
  }
}
