import type { Repository } from '../../platform/repository.ts'
import type { StartedPlatform } from '../../platform/start-platform.ts'
import { durationMs } from '../duration.ts'
import { msPerCommand } from '../floors/commands.ts'
import { median } from '../median.ts'
import type { Place, Row } from '../row.ts'

const few = 5
const many = 105
const rounds = 7

const pipelineOf = (steps: number): string => `import { pipeline, sh, step } from '@baton/pipeline'

const steps = Array.from({ length: ${steps} }, (_, at) => step(\`step \${at + 1}\`, sh\`true\`))
export default pipeline('steps', steps)
`

/** What one more step costs, with all that is told and stored of it: the difference between short and long builds. */
export const step: Row = {
  name: 'step',
  async measure({ platform, dir, progress }: Place) {
    const short = await open(platform, 'short', few)
    const long = await open(platform, 'long', many)
    const [floors, shorts, longs]: [number[], number[], number[]] = [[], [], []]
    for (let round = 0; round < rounds; round += 1) {
      progress(`one more step: ${round + 1} of ${rounds}`)
      floors.push(await msPerCommand(dir, many - few))
      shorts.push(await buildMs(platform, short, await short.push({})))
      longs.push(await buildMs(platform, long, await long.push({})))
    }
    return [
      {
        name: 'step',
        measure: 'one more step',
        unit: 'ms',
        result: (median(longs) - median(shorts)) / (many - few),
        floor: median(floors),
        limit: { most: 5, of: 'itself' },
        note: `(${median(longs)} ms of ${many} steps - ${median(shorts)} ms of ${few}) / ${many - few}, medians of ${rounds}; a step is \`true\`, the floor a shell that starts \`sh -c true\``,
      },
    ]
  },
}

async function open(platform: StartedPlatform, name: string, steps: number): Promise<Repository> {
  const repository = await platform.repository(name, { 'pipeline.ts': pipelineOf(steps) })
  await buildMs(platform, repository, repository.firstCommit)
  return repository
}

async function buildMs(platform: StartedPlatform, repository: Repository, commit: string): Promise<number> {
  const build = await platform.becomes(await platform.buildOf(repository, commit), 'success')
  await platform.isGone(build)
  return durationMs(build)
}
