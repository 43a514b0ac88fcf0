import type { Build, StateEvent } from '@baton/state-client'
import type { Repository } from '../../platform/repository.ts'
import { waitUntil } from '../../platform/wait-for.ts'
import { loopsAMinute } from '../floors/two-loops.ts'
import { median } from '../median.ts'
import type { Place, Row } from '../row.ts'
import { openWatch, type Watch } from '../watch.ts'

const repositoryCount = 4
const pushesEach = 15
const warmUpPushesEach = 2
const rounds = 5
const limitMs = 300_000

const files = {
  'README.md': 'A small repository.\n',
  'pipeline.ts': `import { checkout, pipeline, sh, step } from '@baton/pipeline'

const steps = ['one', 'two', 'three'].map((name) => step(name, sh\`true\`))
export default pipeline('builds', [checkout(), ...steps])
`,
}

/** Builds a minute of the whole platform: from the first of many hooks until each is built, and nothing is left of it. */
export const builds: Row = {
  name: 'builds',
  async measure({ platform, dir, progress }: Place) {
    const repositories: Repository[] = []
    for (let at = 1; at <= repositoryCount; at += 1) {
      progress(`builds a minute: repository ${at} of ${repositoryCount}`)
      const repository = await platform.repository(`builds-${at}`, files)
      const build = await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'success')
      await platform.isGone(build)
      repositories.push(repository)
    }
    // As the overview follows them: whoever watched every step would be measured as well.
    const watch = await openWatch(platform.state, ['overview'])
    const isAllGone = async () => (await platform.marathon.listApps('BATON_LANE==build')).length === 0
    await buildAll(repositories, warmUpPushesEach, watch, isAllGone)
    const count = repositoryCount * pushesEach
    const [floors, results]: [number[], number[]] = [[], []]
    for (let round = 1; round <= rounds; round += 1) {
      progress(`builds a minute: ${round} of ${rounds}`)
      floors.push(await loopsAMinute(repositories[0]?.git.url ?? '', dir, count))
      results.push((count * 60_000) / (await buildAll(repositories, pushesEach, watch, isAllGone)))
    }
    await watch.close()
    return [
      {
        name: 'builds',
        measure: 'builds a minute, clone and three steps',
        unit: '/min',
        result: median(results),
        floor: median(floors),
        limit: { least: 0.4, of: 'floor' },
        note: `median of ${rounds} rounds of ${count} builds from ${repositoryCount} repositories, each until its app is removed; floor: two loops of an empty Node, a clone, three \`sh -c true\``,
      },
    ]
  },
}

/** Pushes so many commits to each, tells of all at once, and waits until all are built and gone. @returns ms */
async function buildAll(
  repositories: readonly Repository[],
  pushes: number,
  watch: Watch,
  isAllGone: () => Promise<boolean>,
): Promise<number> {
  const commits: string[] = []
  const count = repositories.length * pushes
  // From before the pushes on: a sweep that happens to come by may see one before its hook is sent.
  const done = watch.next(`${count} green builds`, limitMs, createCount(commits, count))
  for (const repository of repositories) {
    for (let push = 0; push < pushes; push += 1) commits.push(await repository.pushQuietly({}))
  }
  const startedAt = performance.now()
  await Promise.all([done, ...repositories.map((repository) => repository.tell())])
  await waitUntil('the last app to be removed', limitMs, isAllGone)
  return performance.now() - startedAt
}

/** Says `true` once `count` commits are known and each has its green build. */
export function createCount(commits: readonly string[], count: number): (event: StateEvent) => true | undefined {
  const green = new Set<string>()
  return ({ type, data }) => {
    if (type !== 'build') return undefined
    const { pipeline, number, commit, status, endedAt } = data as Build
    if (endedAt !== null && status !== 'success') throw new Error(`${pipeline}#${number} ended as ${status}`)
    if (status === 'success') green.add(commit)
    const isDone = commits.length === count && commits.every((one) => green.has(one))
    return isDone ? true : undefined
  }
}
