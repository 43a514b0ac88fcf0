import { spawnSync } from 'node:child_process'

/** Whether a program of Debian's is missing here. Says so, in one line: what is not tested is not to be overlooked. */
export function isMissing(program: string, debianPackage: string): boolean {
  const isThere = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  if (!isThere) console.warn(`SKIPPED: there is no ${program} here; apt-get install ${debianPackage}`)
  return !isThere
}
