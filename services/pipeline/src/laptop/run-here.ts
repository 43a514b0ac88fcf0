import { userInfo } from 'node:os'
import { reason } from '@baton/model'
import { createNonce, type Run, startRun } from '@baton/pipeline/engine'
import { exitCodes } from '../attempt/exit-codes.ts'
import { hearErrors } from '../attempt/signals.ts'
import { errors } from '../errors.ts'
import { loadHere } from '../load/load-here.ts'
import { type Definition, loadMsMax } from '../load/load-pipeline.ts'
import { lineOfNo } from '../load/say-no.ts'
import { findBuildHere, variablesOf } from './build-here.ts'
import { createFollower } from './follower.ts'
import { createJsonView } from './json-view.ts'
import { limitSteps } from './limits.ts'
import { openOutputFolder } from './output-folder.ts'
import { createTextView } from './text-view.ts'
import { startTimeWatch } from './time-watch.ts'

const secretPrefix = 'BATON_SECRET_'

/** Runs a pipeline right here, on the files as they are. `--json` prints events as ndjson, `--keep` keeps
 * what the steps printed. @returns the exit code */
export async function runHere(
  definition: Definition,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const nonce = createNonce()
  const watch = startTimeWatch(nonce)
  const forEver = errors.PIPELINE_LOADS_FOREVER({ file: definition.file, seconds: loadMsMax / 1000 })
  watch.mayLast({ endsAt: Date.now() + loadMsMax, says: lineOfNo(forEver, args) })
  const pipeline = await loadHere(definition, args)
  const folder = openOutputFolder(args)
  const write = (text: string): void => void process.stdout.write(text)
  const isColoured = process.stdout.isTTY === true && !env['NO_COLOR']
  const view = args.includes('--json') ? createJsonView(write) : createTextView(write, { isColoured })
  const follower = createFollower(folder.path, view)
  const { secrets, others } = splitEnv(env)
  const build = findBuildHere(process.cwd())
  const run = startRun(pipeline, {
    nonce,
    recorder: limitSteps(follower.recorder, pipeline, watch, args),
    build,
    cwd: process.cwd(),
    env: { ...others, ...variablesOf(build) },
    secrets,
  })
  hearTheUser(run)
  const result = await run.done
  follower.close()
  view.ended(result, folder.isKept ? folder.path : undefined)
  return result.status === 'success' ? exitCodes.success : exitCodes.red
}

/** Where there is no controller, a secret NAME comes from BATON_SECRET_NAME. It is masked here too. */
function splitEnv(env: NodeJS.ProcessEnv): { secrets: Record<string, string>; others: Record<string, string> } {
  const secrets: Record<string, string> = {}
  const others: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (name.startsWith(secretPrefix)) secrets[name.slice(secretPrefix.length)] = value
    else others[name] = value
  }
  return { secrets, others }
}

/** Ctrl-C, or an error nobody caught, ends the steps and runs `finally`; Ctrl-C once more ends everything at once. */
function hearTheUser(run: Run): void {
  const quit = (): never => {
    run.abandon()
    process.exit(exitCodes.red)
  }
  let isStopping = false
  const stop = (): void => {
    if (isStopping) quit()
    isStopping = true
    const args = { who: userInfo().username, comment: 'stopped from the terminal' }
    run.stop({ status: 'killed', reason: reason('killed.person', args) })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  hearErrors((order) => run.stop(order))
  process.stdout.on('error', quit) // Whoever read it is gone: `| head`.
}
