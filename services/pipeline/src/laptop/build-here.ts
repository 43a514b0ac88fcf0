import { spawnSync } from 'node:child_process'
import { basename } from 'node:path'
import type { BuildInfo } from '@baton/pipeline'

/** What a run in this folder calls itself: the commit that is checked out, if it is a Git repository; no number. */
export function findBuildHere(cwd: string): BuildInfo {
  const shown = spawnSync('git', ['rev-parse', 'HEAD', '--symbolic-full-name', 'HEAD'], { cwd, encoding: 'utf8' })
  const [commit, ref] = shown.status === 0 ? shown.stdout.trim().split('\n') : []
  const name = basename(cwd)
  return {
    pipeline: name,
    repository: name,
    number: 0,
    attempt: 0,
    commit: commit ?? '0'.repeat(40),
    ref: ref?.startsWith('refs/') ? ref : 'refs/heads/none',
  }
}

/** The same as environment of the steps. */
export const variablesOf = (build: BuildInfo): Record<string, string> => ({
  BATON_COMMIT: build.commit,
  BATON_REF: build.ref,
  BATON_PIPELINE: build.pipeline,
  BATON_BUILD: String(build.number),
  BATON_ATTEMPT: String(build.attempt),
})
