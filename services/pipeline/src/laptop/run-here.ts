import { mkdtempSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { basename, join } from 'node:path'
import { reason } from '@baton/model'
import { startRun } from '@baton/pipeline/engine'
import { exitCodes } from '../attempt/exit-codes.ts'
import { type Definition, loadPipeline } from '../definition.ts'
import { createFollower } from './follower.ts'
import { createJsonView } from './json-view.ts'
import { createTextView } from './text-view.ts'

const secretPrefix = 'BATON_SECRET_'

/** Runs a pipeline right here, on the files as they are. `--json` prints events as ndjson. @returns the exit code */
export async function runHere(
  definition: Definition,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const pipeline = await loadPipeline(definition)
  const folder = mkdtempSync(join(tmpdir(), 'baton-run-'))
  const write = (text: string): void => void process.stdout.write(text)
  const isColoured = process.stdout.isTTY === true && !env['NO_COLOR']
  const view = args.includes('--json') ? createJsonView(write) : createTextView(write, { isColoured })
  const follower = createFollower(folder, view)
  const { secrets, others } = splitEnv(env)
  const run = startRun(pipeline, {
    recorder: follower.recorder,
    build: buildHere(env),
    cwd: process.cwd(),
    env: others,
    secrets,
  })
  hearTheUser(run)
  const result = await run.done
  follower.close()
  view.ended(result, folder)
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

function buildHere(env: NodeJS.ProcessEnv) {
  const repository = basename(process.cwd())
  const none = '0'.repeat(40)
  const { BATON_COMMIT: commit = none, BATON_REF: ref = 'refs/heads/here' } = env
  return { pipeline: repository, number: 0, attempt: 0, commit, ref, repository }
}

/** Ctrl-C ends the steps and runs `finally`; once more ends everything at once. */
function hearTheUser(run: { stop: ReturnType<typeof startRun>['stop']; abandon(): void }): void {
  let isStopping = false
  const stop = (): void => {
    if (isStopping) {
      run.abandon()
      process.exit(exitCodes.red)
    }
    isStopping = true
    const args = { who: userInfo().username, comment: 'stopped from the terminal' }
    run.stop({ status: 'killed', reason: reason('killed.person', args) })
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
}
