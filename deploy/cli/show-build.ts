import { buildId, sentenceOf } from '@baton/model'
import type { Build, BuildDetail, Step } from '@baton/state-client'

/** How each status is marked in lists; the word always stands beside it. */
const marks: Readonly<Record<string, string>> = {
  success: '✓',
  failure: '✗',
  killed: '■',
  'timed-out': '⧖',
  lost: '?',
  skipped: '–',
  running: '▶',
  waiting: '…',
}

export const markOf = (status: string): string => marks[status] ?? '·'

/** How long something took, or takes so far: `0.4 s`, `12.3 s`, `3 min 05 s`. */
export function tookOf(
  what: { startedAt: string | null; endedAt: string | null; createdAt?: string },
  now = new Date(),
): string {
  const from = what.startedAt ?? what.createdAt
  if (from == null) return ''
  const ms = (what.endedAt === null ? now : new Date(what.endedAt)).getTime() - new Date(from).getTime()
  return durationOf(Math.max(0, ms))
}

export function durationOf(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`
}

const shortHash = (commit: string): string => commit.slice(0, 8)

/** One line of a list of builds. */
export function lineOfBuild(build: Build): string {
  const parts = [
    markOf(build.status),
    buildId(build.pipeline, build.number),
    build.status,
    tookOf(build),
    `${shortHash(build.commit)} ${build.ref.replace(/^refs\/(heads|tags)\//, '')}`,
    build.subject ?? '',
  ]
  return parts.filter((part) => part !== '').join('  ')
}

/** A build with everything there is to say about it: why, and the tree of its steps. */
export function linesOfBuild(build: BuildDetail): string[] {
  const why = [build.reason, build.cause].filter((reason) => reason !== null).map((reason) => `  ${sentenceOf(reason)}`)
  return [lineOfBuild(build), ...why, ...build.steps.map(lineOfStep)]
}

/** One line of the tree of steps. */
export function lineOfStep(step: Step): string {
  const depth = step.id.split('.').length
  const why = step.reason === null ? '' : `  ${sentenceOf(step.reason)}`
  return `${'  '.repeat(depth)}${markOf(step.status)} ${step.id} ${step.name}  ${step.status}  ${tookOf(step)}${why}`.trimEnd()
}
