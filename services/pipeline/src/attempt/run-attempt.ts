import { mkdirSync } from 'node:fs'
import { isBatonError, reason } from '@baton/model'
import { type Run, startRun } from '@baton/pipeline/engine'
import { type AttemptClient, type ClaimAnswer, createAttemptClient } from '@baton/state-client/attempt'
import { createCheckout } from '../checkout/checkout.ts'
import { crashPoint } from '../crash-point.ts'
import { type Definition, loadPipeline } from '../definition.ts'
import { openSpool } from '../spool/spool.ts'
import { startBeat } from './beat.ts'
import { brokenPipeline } from './broken-pipeline.ts'
import { claim } from './claim.ts'
import { exitCodes } from './exit-codes.ts'
import { createLine } from './line.ts'
import { createPublish } from './publish.ts'
import { stepEnvOf } from './step-env.ts'
import { readTaskEnv, type TaskEnv } from './task-env.ts'
import { startWatch } from './watch.ts'

/** Marathon's kill grace for run-once apps, less 5 s for the steps to end and 7 s to report. */
const finallyMaxMs = 18_000

/** Runs one attempt under Marathon, from its claim to its acknowledged result. @returns the exit code */
export async function runAttempt(definition: Definition, env: NodeJS.ProcessEnv): Promise<number> {
  const task = readTaskEnv(env)
  const link = createAttemptClient({ url: task.stateUrl })
  const claimed = await claim(link, task)
  if ('refused' in claimed) return over(exitCodes.fenced, `not ours to run: ${claimed.refused}`)
  if ('silent' in claimed) return over(exitCodes.silence, 'the controller never answered')
  crashPoint('claim.after-answer')
  delete env['BATON_TICKET']
  const client = link.as(claimed.answer.token, task.pipeline, task.number, task.attempt)
  return await runClaimed(definition, task, claimed.answer, client, env)
}

async function runClaimed(
  definition: Definition,
  task: TaskEnv,
  claimed: ClaimAnswer,
  client: AttemptClient,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  let run: Run | undefined
  const quit = (code: number, why: string): void => {
    run?.abandon()
    process.exit(over(code, why))
  }
  const line = createLine({
    onFenced: () => quit(exitCodes.fenced, 'another attempt took over'),
    onTrouble: (error) =>
      console.error('unexpected answer:', isBatonError(error) ? `${error.code} ${error.message}` : error),
  })
  const silent = (): void => quit(exitCodes.silence, `no answer for ${claimed.silenceMaxMs / 1000} s`)
  startWatch(line, claimed.silenceMaxMs, silent)
  mkdirSync(task.paths.workspace, { recursive: true })
  const spool = openSpool({ folder: task.paths.spool, client, line })
  const pipeline = await loadPipeline(definition).catch(brokenPipeline)
  run = startRun(pipeline, {
    recorder: spool.recorder,
    build: buildOf(task, claimed),
    cwd: task.paths.workspace,
    env: stepEnvOf(env, task, claimed),
    secrets: claimed.secrets,
    timeoutMs: claimed.timeoutMs,
    checkout: createCheckout({ url: claimed.repository.url, ...task }),
    ...(claimed.assembly === null
      ? {}
      : { assembly: claimed.assembly, publish: createPublish(client, line, claimed.assembly.key) }),
  })
  hearTheEnd(run, client, line)
  const result = await run.done
  await spool.report({ status: result.status, reason: result.reason ?? null })
  return over(result.status === 'success' ? exitCodes.success : exitCodes.red, `reported ${result.status}`)
}

function hearTheEnd(run: Run, client: AttemptClient, line: Parameters<typeof startBeat>[1]): void {
  startBeat(client, line, (order) => run.stop(order))
  process.on('SIGTERM', () =>
    run.stop({ status: 'killed', reason: reason('killed.stop', { who: 'Marathon' }) }, finallyMaxMs),
  )
  const crash = (error: unknown): void => {
    console.error(error)
    const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) }
    run.stop({ status: 'failure', reason: reason('failure.threw', { step: 'pipeline.ts', name, message }) })
  }
  process.on('uncaughtException', crash).on('unhandledRejection', crash)
}

const buildOf = (task: TaskEnv, { commit, ref, repository }: ClaimAnswer) => ({
  pipeline: task.pipeline,
  number: task.number,
  attempt: task.attempt,
  commit,
  ref,
  repository: repository.slug,
})

function over(code: number, why: string): number {
  console.log(`baton: ${why}, exit ${code}`)
  return code
}
