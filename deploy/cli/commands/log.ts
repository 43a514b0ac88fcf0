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
  const found = await findStep(reader, build, step)
  await copyStep(reader, found)
  return exitCodes.ok
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
    if (!reader.follow) return exitCodes.ok
    if (isOver(build.status)) return build.status === 'success' ? exitCodes.ok : exitCodes.red
    await pause(reader)
  }
}

const isWorthShowing = (step: Step): boolean => step.outputBytes > 0

async function copyStep({ call, state, pipeline, number, follow }: Reader, step: Step): Promise<void> {
  for (let offset = 0; ; ) {
    const piece = await state.readOutput(pipeline, number, step.id, { offset, limitBytes: pieceBytesMax })
    if (piece.bytes.length > 0 && !call.terminal.isJson) call.terminal.write(piece.bytes)
    if (piece.bytes.length > 0) call.terminal.json({ step: step.id, offset, text: piece.bytes.toString('utf8') })
    offset += piece.bytes.length
    if (offset >= piece.total && (piece.ended || !follow)) return
    if (piece.bytes.length === 0) await wait(lookMs, undefined, { signal: call.interruption() })
  }
}

/** By id or by name. While somebody follows, a build that has not shown its steps yet is waited for. */
async function findStep(reader: Reader, first: BuildDetail, wanted: string): Promise<Step> {
  for (let build = first; ; build = await reader.state.getBuild(reader.pipeline, reader.number)) {
    const found = build.steps.find(({ id, name }) => id === wanted || name === wanted)
    if (found !== undefined) return found
    if (!reader.follow || build.steps.length > 0 || isOver(build.status)) {
      const steps = build.steps.map(({ id, name }) => `${id} ${name}`).join(', ')
      throw errors.STEP_UNKNOWN({
        build: buildId(reader.pipeline, reader.number),
        step: wanted,
        steps: steps || 'none yet',
      })
    }
    await pause(reader)
  }
}

const pause = ({ call }: Reader): Promise<void> => wait(lookMs, undefined, { signal: call.interruption() })
