import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pipelineCode } from '../platform/pipeline-code.ts'
import type { Repository } from '../platform/repository.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { notYet, waitFor } from '../platform/wait-for.ts'

/** As the platform promises it: two minutes without a controller cost no build anything. */
const awayMs = 120_000
/** A pause that Marathon does not even notice. */
const frozenMs = 8_000
const buildsCount = 10
const afterwardsMs = 60_000

let platform: StartedPlatform
beforeAll(async () => {
  platform = await startPlatform()
})
afterAll(() => platform?.stop())

/** Prints numbered lines for so long, and notes each run in a file that all builds append to. */
function printsFor(seconds: number): string {
  const loop = `i=0; end=$(($(date +%s)+${seconds})); while [ $(date +%s) -lt $end ]; do i=$((i+1)); echo "line $i"; sleep 0.2; done; echo "last $i"`
  const note = (name: string) =>
    `step('${name}', sh\`echo "$BATON_COMMIT ${name}" >> ${platform.folders.shared}/runs\`)`
  return pipelineCode(['checkout()', note('begins'), `step('prints', sh\`${loop}\`)`, note('ends')])
}

describe('builds that run while the controller is away', () => {
  test(`for ${awayMs / 1000} s: none is lost or repeated, and every line is there`, async () => {
    const repository = await platform.repository('away', { 'pipeline.ts': printsFor(awayMs / 1000 + 10) })
    const commits = await runTen(repository)

    await platform.services.scale('pipeline-state-controller', 0)
    await pause(awayMs)
    await platform.services.scale('pipeline-state-controller', 1)

    await seeAllWhole(repository, commits)
  })

  test(`for ${frozenMs / 1000} s without a word, as it is paused: the same, and what is pushed meanwhile is built`, async () => {
    const repository = await platform.repository('frozen', { 'pipeline.ts': printsFor(frozenMs / 1000 + 4) })
    const commits = await runTen(repository)
    const [pid = expect.fail('no controller')] = await platform.services.listPids('pipeline-state-controller')

    process.kill(pid, 'SIGSTOP')
    const pushed = repository.push({ 'app.txt': 'meanwhile' })
    await pause(frozenMs)
    process.kill(pid, 'SIGCONT')

    await seeAllWhole(repository, [...commits, await pushed])
    expect(await platform.services.listPids('pipeline-state-controller')).toEqual([pid])
  })
})

/** Pushes ten commits, and waits until all of them print. */
async function runTen(repository: Repository): Promise<string[]> {
  const commits = [repository.firstCommit]
  while (commits.length < buildsCount) commits.push(await repository.push({ 'app.txt': String(commits.length) }))
  await waitFor(`${buildsCount} builds that print`, afterwardsMs, async () => {
    const builds = await Promise.all(
      commits.map((commit) => platform.state.listBuilds({ pipeline: repository.slug, commit })),
    )
    const details = await Promise.all(
      builds.flat().map(({ pipeline, number }) => platform.state.getBuild(pipeline, number)),
    )
    const printing = details.filter(({ steps }) =>
      steps.some(({ name, outputBytes }) => name === 'prints' && outputBytes > 0),
    )
    return printing.length === buildsCount || notYet(`${printing.length} of them`)
  })
  return commits
}

/** One green build for each commit, one attempt each, every line once, and every step run once. */
async function seeAllWhole(repository: Repository, commits: readonly string[]): Promise<void> {
  for (const commit of commits) {
    const build = await platform.becomes(await platform.buildOf(repository, commit), 'success', afterwardsMs)
    expect(build.attempts).toHaveLength(1)
    const lines = (await platform.outputOf(build, 'prints')).trimEnd().split('\n')
    const last = Number(lines.at(-1)?.replace('last ', ''))
    expect(last).toBeGreaterThan(10)
    expect(lines).toEqual([...Array.from({ length: last }, (_, at) => `line ${at + 1}`), `last ${last}`])
    await platform.isGone(build)
  }
  const builds = await platform.state.listBuilds({ pipeline: repository.slug, limit: 100 })
  expect(builds.map(({ commit }) => commit).sort()).toEqual([...commits].sort())
  const runs = readFileSync(`${platform.folders.shared}/runs`, 'utf8').trimEnd().split('\n')
  const ours = runs.filter((line) => commits.includes(line.split(' ')[0] ?? ''))
  expect(ours).toHaveLength(commits.length * 2)
  expect(new Set(ours).size).toBe(commits.length * 2)
}
