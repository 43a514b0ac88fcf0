import { mkdirSync } from 'node:fs'
import { isBatonError } from '@baton/model'
import { type Order, type Run, startRun } from '@baton/pipeline/engine'
import { type AttemptClient, type ClaimAnswer, createAttemptClient } from '@baton/state-client/attempt'
import { passwordsOf } from '../checkout/check-url.ts'
import { createCheckout } from '../checkout/checkout.ts'
import { crashPoint } from '../crash-point.ts'
import { type Definition, loadPipeline } from '../load/load-pipeline.ts'
import { openSpool } from '../spool/spool.ts'
import { startUsage } from '../usage/usage.ts'
import { startBeat } from './beat.ts'
import { brokenPipeline } from './broken-pipeline.ts'
import { claim } from './claim.ts'
import { exitCodes } from './exit-codes.ts'
import { createLine } from './line.ts'
import { createPublish } from './publish.ts'
import { hearErrors, hearSignals } from './signals.ts'
import { stepEnvOf } from './step-env.ts'
import { readTaskEnv, type TaskEnv } from './task-env.ts'
import { startWatch } from './watch.ts'

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
  let early: [Order, number?] | undefined
  const quit = (code: number, why: string): void => {
    run?.abandon()
    process.exit(over(code, why))
  }
  const stop = (order: Order, finallyMaxMs?: number): void => {
    if (run === undefined) early = [order, finallyMaxMs]
    else run.stop(order, finallyMaxMs)
  }
  const line = createLine({ onFenced: () => quit(exitCodes.fenced, 'another attempt took over'), onTrouble })
  startWatch(line, claimed.silenceMaxMs, () =>
    quit(exitCodes.silence, `no answer for ${claimed.silenceMaxMs / 1000} s`),
  )
  startBeat(client, line, stop)
  hearSignals(stop)
  hearErrors(stop)
  const broken = (error: unknown): void => quit(exitCodes.red, `the record is broken: ${String(error)}`)
  try {
    mkdirSync(task.paths.workspace, { recursive: true })
    const spool = openSpool({ folder: task.paths.spool, client, line, onBroken: broken })
    const pipeline = await loadPipeline(definition).catch((error) => brokenPipeline(definition.file, error))
    run = startRun(pipeline, { recorder: spool.recorder, ...optionsOf(task, claimed, client, line, env) })
    if (early !== undefined) run.stop(...early)
    const usage = startUsage(task.sandbox, env)
    const result = await run.done
    await spool.report({ status: result.status, reason: result.reason ?? null, usage: usage() })
    return over(result.status === 'success' ? exitCodes.success : exitCodes.red, `reported ${result.status}`)
  } catch (error) {
    broken(error)
    throw error
  }
}

function optionsOf(
  task: TaskEnv,
  claimed: ClaimAnswer,
  client: AttemptClient,
  line: Parameters<typeof createPublish>[1],
  env: NodeJS.ProcessEnv,
) {
  const { commit, ref, repository, secrets, timeoutMs, assembly } = claimed
  const { pipeline, number, attempt } = task
  return {
    build: { pipeline, number, attempt, commit, ref, repository: repository.slug },
    cwd: task.paths.workspace,
    workspaces: task.paths.workspaces,
    env: stepEnvOf(env, task, claimed),
    secrets,
    hidden: passwordsOf(repository.url),
    timeoutMs,
    checkout: createCheckout({ url: repository.url, allowLocalGit: task.allowLocalGit, paths: task.paths }),
    ...(assembly === null ? {} : { assembly, publish: createPublish(client, line, assembly.key) }),
  }
}

function onTrouble(error: unknown): void {
  console.error('unexpected answer:', isBatonError(error) ? `${error.code}: ${error.message}` : error)
}

function over(code: number, why: string): number {
  console.log(`baton: ${why}, exit ${code}`)
  return code
}
