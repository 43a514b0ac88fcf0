import { randomUUID } from 'node:crypto'
import { buildId } from '@baton/model'
import { errors } from '../../errors.ts'
import { readBuildName, refOf } from '../build-name.ts'
import { checkNames, checkStatus } from '../check-names.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../exit-codes.ts'
import { lineOfBuild, linesOfBuild } from '../show-build.ts'
import { waitForBuilds } from '../wait-for-build.ts'

export interface ListOptions {
  readonly status?: string
  readonly repository?: string
  readonly limit: number
}

/** A filter that nothing can pass is an error; one that nothing passes yet is an empty list. */
export async function listBuilds(call: Call, pipeline: string | undefined, options: ListOptions): Promise<number> {
  const { status, repository, limit } = options
  if (status !== undefined) checkStatus(status)
  const state = call.state()
  const builds = await state.listBuilds({
    limit,
    ...(pipeline !== undefined && { pipeline }),
    ...(status !== undefined && { status }),
    ...(repository !== undefined && { repository }),
  })
  if (builds.length === 0) await checkNames(state, { pipeline, repository })
  call.terminal.json(builds)
  for (const build of builds) call.terminal.say(lineOfBuild(build))
  if (builds.length === 0) call.terminal.say('no builds')
  return exitCodes.ok
}

/** @returns red for a build that is over and not green, so that scripts can ask */
export async function showBuild(call: Call, name: string, options: { wait?: boolean }): Promise<number> {
  const { pipeline, number } = readBuildName(name)
  const state = call.state()
  const build = await state.getBuild(pipeline, number)
  if (options.wait) return await waitForBuilds(call, state, [build])
  call.terminal.json(build)
  for (const line of linesOfBuild(build)) call.terminal.say(line)
  return build.endedAt !== null && build.status !== 'success' ? exitCodes.red : exitCodes.ok
}

export interface StartOptions {
  readonly commit?: string
  readonly ref?: string
  readonly wait?: boolean
}

export async function startBuild(call: Call, slug: string, options: StartOptions): Promise<number> {
  const { commit, ref } = options
  if (commit !== undefined && ref !== undefined)
    throw errors.ARGUMENT_INVALID({ what: 'give --commit or --ref, not both' })
  const what = { ...(commit !== undefined && { commit }), ...(ref !== undefined && { ref: refOf(ref) }) }
  const builds = await call.builder().start(slug, what, randomUUID())
  if (options.wait) return await waitForBuilds(call, call.state(), builds)
  call.terminal.json(builds)
  for (const build of builds) call.terminal.say(lineOfBuild(build))
  return exitCodes.ok
}

export async function killBuild(call: Call, name: string, comment: string | undefined): Promise<number> {
  const { pipeline, number } = readBuildName(name)
  const build = await call.state().kill(pipeline, number, comment)
  call.terminal.json(build)
  call.terminal.say(`${buildId(pipeline, number)} is told to stop; what it has to clean up it still does.`)
  return exitCodes.ok
}

export async function retriggerBuild(call: Call, name: string, options: { wait?: boolean }): Promise<number> {
  const { pipeline, number } = readBuildName(name)
  const state = call.state()
  const build = await state.retrigger(pipeline, number)
  if (options.wait) return await waitForBuilds(call, state, [build])
  call.terminal.json(build)
  call.terminal.say(lineOfBuild(build))
  return exitCodes.ok
}
