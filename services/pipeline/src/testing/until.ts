import { existsSync, readFileSync } from 'node:fs'

/** For tests: waits until a condition holds, looking often. @throws after `limitMs`, with what was last seen */
export async function until(what: string, holds: () => unknown, limitMs = 10_000): Promise<void> {
  const endsAt = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`waited ${limitMs} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** For tests: whether a process runs. One that has ended and only waits to be collected does not. */
export const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
