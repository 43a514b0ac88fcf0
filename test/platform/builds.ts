import { buildId, isBatonError, isOver, sentenceOf } from '@baton/model'
import type { Build, BuildDetail, LedgerEntry, StateClient, Step } from '@baton/state-client'
import { notSeen, notYet, waitFor } from './wait-for.ts'

/** What names a build. */
export type BuildName = Pick<Build, 'pipeline' | 'number'>

export type StepStatus = Step['status']

const limitUsualMs = 60_000

/** Waits for the build of `commit` that the pipeline has, the newest if there are several. */
export function findBuildOf(state: StateClient, pipeline: string, commit: string): Promise<Build> {
  return waitFor(`a build of ${pipeline} for ${commit.slice(0, 8)}`, limitUsualMs, async () => {
    const [build] = await listBuildsOf(state, pipeline, commit)
    return build ?? notYet(await tellLedger(state, commit))
  })
}

/** The builds of `commit` that the pipeline has right now, newest first. */
export function listBuildsOf(state: StateClient, pipeline: string, commit: string): Promise<Build[]> {
  return state.listBuilds({ pipeline, commit })
}

/** Waits until a build has a status. One that is over otherwise will not change any more: that fails at once. */
export function becomes(
  state: StateClient,
  { pipeline, number }: BuildName,
  wanted: Build['status'],
  limitMs = limitUsualMs,
): Promise<BuildDetail> {
  const startedMs = performance.now()
  const what = `${buildId(pipeline, number)} ${wanted}`
  return waitFor(what, limitMs, async () => {
    const build = await findWhileAway(state, { pipeline, number })
    if (build === undefined) return notYet('no answer of the State-Controller')
    if (build.status === wanted) return build
    if (isOver(build.status)) throw notSeen(what, tellBuild(build), performance.now() - startedMs)
    return notYet(tellBuild(build))
  })
}

/** Waits until a build is over, however it ended. */
export function ends(state: StateClient, name: BuildName, limitMs = limitUsualMs): Promise<BuildDetail> {
  return waitFor(`${buildId(name.pipeline, name.number)} to be over`, limitMs, async () => {
    const build = await findWhileAway(state, name)
    if (build === undefined) return notYet('no answer of the State-Controller')
    return isOver(build.status) ? build : notYet(tellBuild(build))
  })
}

/** Waits until a step has a status. */
export function stepBecomes(
  state: StateClient,
  name: BuildName,
  step: string,
  wanted: Step['status'],
  limitMs = limitUsualMs,
): Promise<Step> {
  return waitFor(`step ${step} of ${buildId(name.pipeline, name.number)} ${wanted}`, limitMs, async () => {
    const build = await state.getBuild(name.pipeline, name.number)
    const found = build.steps.find((one) => one.name === step)
    return found?.status === wanted ? found : notYet(tellBuild(build))
  })
}

/** The step of this name. @throws an error that names those there are */
export function stepOf(build: BuildDetail, name: string): Step {
  const step = build.steps.find((one) => one.name === name)
  if (step === undefined) throw new Error(`there is no step ${name}: ${tellBuild(build)}`)
  return step
}

/** Which status each step has, by name. */
export function statusesOf(build: BuildDetail): Record<string, string> {
  return Object.fromEntries(build.steps.map(({ name, status }) => [name, status]))
}

const pieceBytesMax = 1_048_576

/** All of a step's output, as it was written. */
export async function readOutput(state: StateClient, build: BuildDetail, step: string, attempt?: number) {
  const { id } = stepOf(build, step)
  const pieces: Buffer[] = []
  for (let offset = 0; ; ) {
    const range = { offset, limitBytes: pieceBytesMax, ...(attempt !== undefined && { attempt }) }
    const { bytes, total } = await state.readOutput(build.pipeline, build.number, id, range)
    pieces.push(bytes)
    offset += bytes.length
    if (offset >= total || bytes.length === 0) return Buffer.concat(pieces).toString('utf8')
  }
}

/** Waits until the ledger says what became of `commit`, and says so: resolved, skipped or gone. */
export function findEntryOf(state: StateClient, repository: string, commit: string): Promise<LedgerEntry> {
  return waitFor(`${commit.slice(0, 8)} settled in the ledger of ${repository}`, limitUsualMs, async () => {
    const entry = (await state.listEntries({ repository })).find((one) => one.commit === commit)
    if (entry === undefined) return notYet('no entry')
    return entry.state === 'open' ? notYet('an open entry') : entry
  })
}

async function findWhileAway(state: StateClient, { pipeline, number }: BuildName): Promise<BuildDetail | undefined> {
  return await state.getBuild(pipeline, number).catch((error: unknown) => {
    if (isBatonError(error) && error.kind === 'unavailable') return undefined
    throw error
  })
}

/** A build in one line, with what tells why: for messages of tests that fail. */
export function tellBuild(build: BuildDetail): string {
  const why = build.reason === null ? '' : ` (${sentenceOf(build.reason)})`
  const steps = build.steps.map(({ name, status, reason }) => {
    return `${name} ${status}${reason === null ? '' : ` (${sentenceOf(reason)})`}`
  })
  return `${build.status}${why}, attempt ${build.attempt}, steps: ${steps.join(', ') || 'none'}`
}

async function tellLedger(state: StateClient, commit: string): Promise<string> {
  const entries = (await state.listEntries({})).filter((entry) => entry.commit === commit)
  return entries.length === 0 ? 'no ledger entry' : `ledger: ${JSON.stringify(entries)}`
}
