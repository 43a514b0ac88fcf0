import type { Build, StateEvent, Step } from '@baton/state-client'
import type { Repository } from '../../platform/repository.ts'
import { cloneAndPrint } from '../floors/clone-and-print.ts'
import { median, quantile } from '../median.ts'
import type { Place, Row } from '../row.ts'
import { openWatch, type Watch } from '../watch.ts'

const rounds = 25
/** The first ones find cold caches, here and in the services. */
const warmUps = 5
const limitMs = 60_000

const files = {
  'README.md': 'A small repository.\n',
  'pipeline.ts': `import { checkout, pipeline, sh, step } from '@baton/pipeline'

export default pipeline('first-line', [checkout(), step('print', sh\`echo "a line"\`)])
`,
}
/** The step after the checkout. The floor prints after its clone, so what the checkout says of itself is no first line. */
const printing = '2'

/** From the signed hook of a push until a viewer sees the line that the first step after the checkout printed. */
export const firstLine: Row = {
  name: 'first-line',
  async measure({ platform, dir, progress }: Place) {
    const repository = await platform.repository('first-line', files)
    const registered = await platform.buildOf(repository, repository.firstCommit)
    await platform.becomes(registered, 'success')
    await platform.isGone(registered)
    const watch = await openWatch(platform.state)
    const [floors, lines]: [number[], number[]] = [[], []]
    for (let round = -warmUps; round < rounds; round += 1) {
      progress(`first line: ${round < 0 ? 'warming up' : `${round + 1} of ${rounds}`}`)
      const floor = await cloneAndPrint(repository.git.url, dir)
      const { ms, build } = await pushToFirstLine(repository, watch)
      await platform.becomes(build, 'success')
      await platform.isGone(build)
      if (round >= 0) floors.push(floor)
      if (round >= 0) lines.push(ms)
    }
    await watch.close()
    return [
      {
        name: 'first-line',
        measure: 'push to first output line, median',
        unit: 'ms',
        result: median(lines),
        floor: median(floors),
        limit: { most: 8, of: 'floor' },
        note: `${rounds} pushes, nine of ten within ${quantile(lines, 0.9).toFixed(0)} ms; floor: clone, print; nine of ten within ${quantile(floors, 0.9).toFixed(0)} ms`,
      },
    ]
  },
}

interface Seen {
  readonly ms: number
  readonly build: Pick<Build, 'pipeline' | 'number'>
}

async function pushToFirstLine(repository: Repository, watch: Watch): Promise<Seen> {
  // The push itself is the forge's work, not the platform's.
  await repository.pushQuietly({})
  const seen = watch.next('a first line', limitMs, (event) => printedBy(repository.slug, event))
  const startedAt = performance.now()
  const told = repository.tell()
  const build = await seen
  const ms = performance.now() - startedAt
  await told
  return { ms, build }
}

/** The build whose printing step is seen to have output. */
function printedBy(slug: string, { type, data }: StateEvent): Seen['build'] | undefined {
  const { pipeline, number, step } = data as { pipeline: string; number: number; step?: Partial<Step> }
  const isPrinted = type === 'step' && step?.id === printing && (step.outputBytes ?? 0) > 0
  return isPrinted && pipeline === slug ? { pipeline, number } : undefined
}
