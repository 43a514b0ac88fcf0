import { setTimeout as wait } from 'node:timers/promises'
import { buildId, isOver } from '@baton/model'
import type { BuildDetail, StateClient, Step } from '@baton/state-client'
import { errors } from '../../errors.ts'
import { readBuildName } from '../build-name.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'

const pieceBytesMax = 1024 * 1024
const lookMs = 150

export interface LogOptions {
  readonly follow?: boolean
}

/** Prints the output of one step, or of all of them, as it was written. With `follow` until the build is over. */
export async function showLog(
  call: Call,
  name: string,
  step: string | undefined,
  options: LogOptions,
): Promise<number> {
  const state = call.state()
  const { pipeline, number } = readBuildName(name)
  const reader: Reader = { call, state, pipeline, number, follow: options.follow === true }
  const build = await state.getBuild(pipeline, number)
  if (step === undefined) return await showAll(reader, build)
  const { found, steps } = await findStep(reader, build, step)
  checkPrints(reader, found, steps)
  const bytes = await copyStep(reader, found)
  if (bytes === 0) call.terminal.note(`${nameOf(found)} has printed nothing (${found.status})`)
  return exitCodes.ok
}

const nameOf = ({ id, name }: Step): string => `${id} ${name}`
const namesOf = (steps: readonly Step[]): string => steps.map(nameOf).join(', ')

/** @throws STEP_IS_GROUP with what to ask for instead */
function checkPrints({ pipeline, number }: Reader, step: Step, steps: readonly Step[]): void {
  const inside = steps.filter(({ id }) => id.startsWith(`${step.id}.`))
  if (inside.length === 0 || isWorthShowing(step)) return
  const names = namesOf(inside.filter(isWorthShowing)) || 'none yet'
  throw errors.STEP_IS_GROUP({ step: nameOf(step), build: buildId(pipeline, number), kind: step.kind, steps: names })
}

interface Reader {
  readonly call: Call
  readonly state: StateClient
  readonly pipeline: string
  readonly number: number
  readonly follow: boolean
}

/** One step after another, in the order of the tree, each under its name. */
async function showAll(reader: Reader, first: BuildDetail): Promise<number> {
  const shown = new Set<string>()
  for (let build = first; ; build = await reader.state.getBuild(reader.pipeline, reader.number)) {
    for (const step of build.steps.filter((one) => !shown.has(one.id) && isWorthShowing(one))) {
      shown.add(step.id)
      reader.call.terminal.say(`── ${step.id} ${step.name}`)
      await copyStep(reader, step)
    }
    const isLast = !reader.follow || isOver(build.status)
    if (isLast && shown.size === 0) await explainSilence(reader, build)
    if (!reader.follow) return exitCodes.ok
    if (isOver(build.status)) return build.status === 'success' ? exitCodes.ok : exitCodes.red
    await pause(reader)
  }
}

/** Nothing was printed: mostly because the build waits for its pipeline, or had none that could run. */
async function explainSilence({ call, state }: Reader, build: BuildDetail): Promise<void> {
  const { pipeline, number, status, steps, versionKey } = build
  call.terminal.note(`${buildId(pipeline, number)} has printed nothing (${status})`)
  if (steps.length > 0 || versionKey === null || isMetaPipeline(pipeline)) return
  const version = await state.getVersion(versionKey).catch(() => undefined)
  if (version == null || version.metaBuild === null) return
  call.terminal.note(`how its pipeline was assembled: baton log '${buildId(`~${pipeline}`, version.metaBuild)}'`)
}

const isMetaPipeline = (pipeline: string): boolean => pipeline.startsWith('~')

const isWorthShowing = (step: Step): boolean => step.outputBytes > 0

/** @returns how many bytes there were */
async function copyStep({ call, state, pipeline, number, follow }: Reader, step: Step): Promise<number> {
  for (let offset = 0; ; ) {
    const piece = await state.readOutput(pipeline, number, step.id, { offset, limitBytes: pieceBytesMax })
    if (piece.bytes.length > 0 && !call.terminal.isJson) call.terminal.write(piece.bytes)
    if (piece.bytes.length > 0) call.terminal.json({ step: step.id, offset, text: piece.bytes.toString('utf8') })
    offset += piece.bytes.length
    if (offset >= piece.total && (piece.ended || !follow)) return offset
    if (piece.bytes.length === 0) await wait(lookMs, undefined, { signal: call.interruption() })
  }
}

/** By id or by name. While somebody follows, a build that has not shown its steps yet is waited for. */
async function findStep(reader: Reader, first: BuildDetail, wanted: string): Promise<{ found: Step; steps: Step[] }> {
  for (let build = first; ; build = await reader.state.getBuild(reader.pipeline, reader.number)) {
    const found = build.steps.find(({ id, name }) => id === wanted || name === wanted)
    if (found !== undefined) return { found, steps: build.steps }
    if (!reader.follow || build.steps.length > 0 || isOver(build.status)) {
      const steps = namesOf(build.steps) || 'none yet'
      throw errors.STEP_UNKNOWN({ build: buildId(reader.pipeline, reader.number), step: wanted, steps })
    }
    await pause(reader)
  }
}

const pause = ({ call }: Reader): Promise<void> => wait(lookMs, undefined, { signal: call.interruption() })
