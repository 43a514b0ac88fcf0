import { createHash } from 'node:crypto'
import type { BuildDetail } from '@baton/state-client'
import { stepOf } from '../../platform/builds.ts'
import type { StartedPlatform } from '../../platform/start-platform.ts'
import { durationMs } from '../duration.ts'
import { type Written, writeOutput } from '../floors/write-output.ts'
import { median } from '../median.ts'
import type { Place, Row } from '../row.ts'

const rounds = 3
const outputBytes = 100_000_000
const pieceBytesMax = 4 * 1_048_576
const limitMs = 120_000

/** Numbered lines, the last one cut: what is lost, doubled or out of place changes the digest. */
const command = `seq 1 100000000 | head -c ${outputBytes}`

const files = {
  'pipeline.ts': `import { pipeline, sh, step } from '@baton/pipeline'

export default pipeline('output', [step('print', sh\`${command}\`)])
`,
}

/** How fast a large output goes from a step into the record, and whether all of it is there. */
export const output: Row = {
  name: 'output',
  async measure({ platform, dir, progress }: Place) {
    progress('output: registering')
    const repository = await platform.repository('output', files)
    await platform.becomes(await platform.buildOf(repository, repository.firstCommit), 'success', limitMs)
    const floors: number[] = []
    const speeds: number[] = []
    let whole = 0
    for (let round = 1; round <= rounds; round += 1) {
      progress(`output: ${round} of ${rounds}`)
      const wanted = await writeOutput(command, dir)
      if (wanted.bytes !== outputBytes) throw new Error(`the command printed ${wanted.bytes} bytes here`)
      const build = await platform.buildOf(repository, await repository.push({}))
      const ended = await platform.becomes(build, 'success', limitMs)
      await platform.isGone(ended)
      floors.push(wanted.mbPerSecond)
      speeds.push(outputBytes / 1000 / durationMs(ended))
      if (await isWhole(platform, ended, wanted)) whole += 1
    }
    return [
      {
        name: 'output',
        measure: '100 MB of output from one step',
        unit: 'MB/s',
        result: median(speeds),
        floor: median(floors),
        limit: { least: 40, of: 'itself' },
        note: `median of ${rounds} builds, from the claim to the acknowledged result; floor: the same command into a file`,
      },
      {
        name: 'output',
        measure: '100 MB of output, whole by its digest',
        unit: `of ${rounds}`,
        result: whole,
        floor: undefined,
        limit: { least: rounds, of: 'itself' },
        note: '',
      },
    ]
  },
}

/** Reads it back as a viewer does, by ranges. */
async function isWhole({ state }: StartedPlatform, build: BuildDetail, wanted: Written): Promise<boolean> {
  const { id } = stepOf(build, 'print')
  const hash = createHash('sha256')
  let offset = 0
  for (;;) {
    const range = { offset, limitBytes: pieceBytesMax }
    const { bytes, total } = await state.readOutput(build.pipeline, build.number, id, range)
    hash.update(bytes)
    offset += bytes.length
    if (bytes.length === 0 || offset >= total) break
  }
  return offset === wanted.bytes && hash.digest('hex') === wanted.sha256
}
