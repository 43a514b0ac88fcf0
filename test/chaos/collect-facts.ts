import { isBatonError, isMetaPipeline } from '@baton/model'
import type { BuildDetail } from '@baton/state-client'
import type { Platform } from '../platform/platform.ts'
import { type Facts, type Output, witnessSteps } from './facts.ts'
import { listAllDetails, listAllEntries } from './list-all.ts'
import type { Scene } from './scene.ts'
import { readWitness } from './witness.ts'

/** Far more than a witness step prints. */
const outputBytesMax = 1_048_576

/** Reads, over HTTP, what the platform says of everything; and beside it what the steps themselves left. */
export async function collectFacts(scene: Scene): Promise<Facts> {
  const { platform, pushed, asked, killed, ordered } = scene
  const builds = await listAllDetails(platform.state)
  const outputs: Output[] = []
  for (const build of builds) outputs.push(...(await outputsOf(scene, build)))
  return {
    ...{ pushed, asked, killed, ordered, builds, outputs },
    entries: await listAllEntries(platform.state),
    witness: readWitness(scene.witnessFile),
  }
}

/** Of every attempt that was claimed: only there a step can have begun. */
async function outputsOf(scene: Scene, build: BuildDetail): Promise<Output[]> {
  if (isMetaPipeline(build.pipeline)) return []
  const { pipeline, number } = build
  const claimed = build.attempts.filter(({ claimedAt }) => claimedAt !== null)
  const reading = claimed.flatMap(({ number: attempt, taskId }) =>
    witnessSteps.map(async (step, index) => {
      // The checkout comes first.
      const id = String(index + 2)
      return {
        ...{ pipeline, number, attempt, step },
        stored: await readStored(scene.platform, build, id, attempt),
        written: await readWritten(scene.platform, taskId ?? '', id),
        lines: scene.lines.get(build.commit) ?? 0,
      }
    }),
  )
  return await Promise.all(reading)
}

async function readStored({ state }: Platform, { pipeline, number }: BuildDetail, id: string, attempt: number) {
  const range = { offset: 0, limitBytes: outputBytesMax, attempt }
  const piece = await state.readOutput(pipeline, number, id, range).catch((error: unknown) => {
    if (isBatonError(error, 'OUTPUT_UNKNOWN')) return undefined
    throw error
  })
  return piece?.bytes.toString('utf8') ?? ''
}

/** The sandbox outlives its app: what the process wrote there is served by Marathon's agent. */
async function readWritten({ marathon, file }: Platform, taskId: string, id: string): Promise<string | undefined> {
  const task = { id: taskId, host: file.host }
  const piece = { offset: 0, length: outputBytesMax }
  return (await marathon.readSandboxFile(task, `baton/output/${id}.log`, piece))?.toString('utf8')
}
