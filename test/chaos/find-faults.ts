import { buildId, isMetaPipeline, isOver } from '@baton/model'
import type { BuildDetail } from '@baton/state-client'
import { attemptId, type Facts, type Output, witnessSteps } from './facts.ts'

/**
 * Everything that is wrong, a sentence each. Nothing pushed is missing, nothing ran twice, no line of output is gone:
 * the ledger, the builds, the claims and what the steps themselves left outside of the platform have to agree.
 */
export function findFaults(facts: Facts): string[] {
  return [
    ...findLedgerFaults(facts),
    ...findUnwantedBuilds(facts),
    ...facts.builds.flatMap((build) => [...findEndFaults(facts, build), ...findClaimFaults(facts, build)]),
    ...findWitnessFaults(facts),
    ...facts.outputs.flatMap((output) => findOutputFaults(facts, output)),
  ]
}

const isOfUser = ({ pipeline }: { pipeline: string }): boolean => !isMetaPipeline(pipeline)
const nameOf = ({ pipeline, number }: { pipeline: string; number: number }): string => buildId(pipeline, number)
const sameCommit = (a: { repository: string; commit: string }, b: { repository: string; commit: string }): boolean =>
  a.repository === b.repository && a.commit === b.commit

/** Each push is one entry, each entry one build, and there is no other entry. */
function findLedgerFaults({ pushed, entries, builds }: Facts): string[] {
  const faults: string[] = []
  for (const push of pushed) {
    const found = entries.filter((entry) => sameCommit(entry, push) && entry.ref === push.ref)
    const name = `${push.repository} ${push.commit.slice(0, 8)}`
    if (found.length !== 1) faults.push(`${name}: pushed once, ${found.length} entries in the ledger`)
  }
  for (const entry of entries) {
    const name = `entry ${entry.id} (${entry.repository} ${entry.commit.slice(0, 8)})`
    const isPushed = pushed.some((push) => sameCommit(entry, push) && entry.ref === push.ref)
    if (!isPushed) faults.push(`${name}: nobody pushed that`)
    if (entry.state !== 'resolved') faults.push(`${name}: it is ${entry.state} ${JSON.stringify(entry.reason)}`)
    const built = entry.fates.filter(({ fate }) => fate === 'built')
    if (built.length !== 1) faults.push(`${name}: ${built.length} of its fates are "built"`)
    const own = builds.filter((build) => isOfUser(build) && build.entry === entry.id)
    if (own.length !== 1) faults.push(`${name}: ${own.length} builds`)
    else if (own[0]?.number !== built[0]?.build) faults.push(`${name}: its fate names another build`)
    else if (own[0]?.commit !== entry.commit) faults.push(`${name}: its build is of another commit`)
  }
  return faults
}

/** A build without an entry is one that a person asked for, and as many as asked. */
function findUnwantedBuilds({ asked, builds, entries }: Facts): string[] {
  const faults: string[] = []
  const ids = new Set(entries.map(({ id }) => id))
  const byHand = builds.filter((build) => isOfUser(build) && build.entry === null)
  for (const build of builds) {
    if (build.entry !== null && isOfUser(build) && !ids.has(build.entry)) faults.push(`${nameOf(build)}: no such entry`)
  }
  for (const build of byHand) {
    const wanted = asked.filter((one) => sameCommit(one, build)).length
    const found = byHand.filter((one) => sameCommit(one, build)).length
    if (wanted !== found) faults.push(`${nameOf(build)}: asked for ${wanted} times, built ${found} times`)
  }
  for (const one of asked) {
    if (!byHand.some((build) => sameCommit(one, build))) faults.push(`${one.repository}: asked for, never built`)
  }
  return faults
}

/** Only a build whose process was killed may be lost, only one that was ordered to stop may be killed. */
function findEndFaults({ killed, ordered }: Facts, build: BuildDetail): string[] {
  const { status } = build
  if (!isOver(status)) return [`${nameOf(build)}: it is still ${status}`]
  const wasKilled = build.attempts.some(({ number }) => killed.has(attemptId(build, number)))
  if (status === 'success') return []
  if (status === 'lost' && wasKilled) return []
  if (status === 'killed' && ordered.has(nameOf(build))) return []
  return [`${nameOf(build)}: it ended ${status}, ${JSON.stringify(build.reason)}, ${tellAttempts(build)}`]
}

const tellAttempts = ({ attempts }: BuildDetail): string =>
  attempts.map((one) => `${one.number}: claimed ${one.claimedAt}, ended ${one.endedAt} ${one.endedState}`).join('; ')

/** User code runs after a claim, so a build is claimed once; a meta-build again for each attempt that was killed. */
function findClaimFaults({ killed }: Facts, build: BuildDetail): string[] {
  const claims = build.attempts.filter(({ claimedAt }) => claimedAt !== null)
  const kills = build.attempts.filter(({ number }) => killed.has(attemptId(build, number))).length
  const claimsMax = isOfUser(build) ? 1 : 1 + kills
  const faults: string[] = []
  if (claims.length > claimsMax) faults.push(`${nameOf(build)}: ${claims.length} of its attempts were claimed`)
  if (build.status === 'success' && claims.length === 0) faults.push(`${nameOf(build)}: green without a claim`)
  for (const attempt of build.attempts) {
    if (attempt.removedAt === null) faults.push(`${attemptId(build, attempt.number)}: never removed`)
  }
  return faults
}

/** What the steps left outside agrees with the claims: each step of a claimed attempt once at most, of a green one once. */
function findWitnessFaults({ builds, witness }: Facts): string[] {
  const faults: string[] = []
  const runs = new Map<string, string[]>()
  for (const line of witness) {
    const name = attemptId(line, line.attempt)
    runs.set(name, [...(runs.get(name) ?? []), line.step])
    const build = builds.find((one) => one.pipeline === line.pipeline && one.number === line.number)
    const attempt = build?.attempts.find(({ number }) => number === line.attempt)
    if (attempt === undefined) faults.push(`${name}: it ran, and nobody knows of it`)
    else if (attempt.claimedAt === null) faults.push(`${name}: it ran without a claim`)
    if (build !== undefined && build.commit !== line.commit) faults.push(`${name}: it ran ${line.commit}`)
  }
  for (const [name, steps] of runs) {
    const expected = witnessSteps.slice(0, steps.length)
    if (steps.join() !== expected.join()) faults.push(`${name}: its steps ran as ${steps.join(', ')}`)
  }
  for (const build of builds.filter((one) => isOfUser(one) && one.status === 'success')) {
    const claimed = build.attempts.find(({ claimedAt }) => claimedAt !== null)
    const steps = claimed === undefined ? [] : (runs.get(attemptId(build, claimed.number)) ?? [])
    if (steps.length !== witnessSteps.length) faults.push(`${nameOf(build)}: green, but only ran ${steps.join(', ')}`)
  }
  return faults
}

/** What is kept is what the process wrote, to the byte, and that is the numbered lines as far as it came. */
function findOutputFaults({ builds }: Facts, output: Output): string[] {
  const { stored, written = '', lines, step } = output
  const name = `${attemptId(output, output.attempt)} ${step}`
  const build = builds.find((one) => one.pipeline === output.pipeline && one.number === output.number)
  const faults: string[] = []
  const whole = numberedLines(lines)
  if (stored !== written) faults.push(`${name}: ${stored.length} bytes are kept, ${written.length} were written`)
  if (!whole.startsWith(stored)) faults.push(`${name}: the kept lines are not the numbered ones`)
  if (build?.status === 'success' && stored !== whole) faults.push(`${name}: green with ${countLines(stored)} lines`)
  return faults
}

const countLines = (text: string): number => text.split('\n').length - 1

/** What a numbered step prints. */
export const numberedLines = (lines: number): string =>
  Array.from({ length: lines }, (_, index) => `line ${index + 1}\n`).join('')
