import { type Reason, type ResultStatus, reason } from '@baton/model'
import { needlesOf } from '../output/mask-needles.ts'
import { createNonce } from '../processes/nonce.ts'
import { describe } from '../tree/describe.ts'
import type { Pipeline } from '../tree/node.ts'
import { flatten, type Plan, planOf, stepsOf } from '../tree/plan.ts'
import { isGood, type Order, type Outcome } from './outcome.ts'
import { runFinally } from './run-finally.ts'
import { runNode } from './run-node.ts'
import { runSequence } from './run-sequence.ts'
import { createScope, type Scope } from './scope.ts'
import type { RunOptions, RunState, Surroundings } from './state.ts'
import { openWorld } from './world.ts'

export interface RunResult {
  readonly status: ResultStatus
  readonly reason: Reason | undefined
}

/** A pipeline that runs. */
export interface Run {
  /** How it ended; no process of its steps is left by then. Rejects only if the recorder threw. */
  readonly done: Promise<RunResult>
  /** Ends the steps with this order; `finally` still runs, for `finallyMaxMs` at most if that is given. */
  stop(order: Order, finallyMaxMs?: number): void
  /** SIGKILL to everything of this run, right now. Nothing more is run or waited for. */
  abandon(): void
}

/** Starts a pipeline. Its first step begins as soon as the caller gives way. */
export function startRun(pipeline: Pipeline, options: RunOptions): Run {
  const plan = planOf(pipeline)
  const root = createScope()
  const finallyScope = createScope()
  const state = createState(plan, options, finallyScope)
  const around = { env: { ...options.env, ...pipeline.options.env }, cwd: options.cwd }
  options.recorder.plan(stepsOf(plan))
  return {
    done: runAll(plan, root, state, around, options.timeoutMs ?? describe(pipeline).timeoutMs),
    stop(order, maxMs) {
      root.end(order)
      if (maxMs !== undefined) state.world.after(maxMs, () => finallyScope.end(order))
    },
    abandon() {
      const order = { status: 'killed', reason: reason('killed.stop', { who: 'the process itself' }) } as const
      root.end(order)
      finallyScope.end(order)
      state.world.processes.killAll()
    },
  }
}

function createState(plan: Plan, options: RunOptions, finallyScope: Scope): RunState {
  const state: RunState = {
    options,
    plan,
    world: options.world ?? openWorld(options.nonce ?? createNonce()),
    needles: needlesOf([...Object.values(options.secrets ?? {}), ...(options.hidden ?? [])]),
    outcomes: new Map(flatten([...plan.children, ...plan.finally]).map(({ node }) => [node, undefined])),
    finallyScope,
    runNode: (planned, parent, around) => runNode(state, planned, parent, around),
  }
  return state
}

async function runAll(
  plan: Plan,
  root: Scope,
  state: RunState,
  around: Surroundings,
  timeoutMs: number,
): Promise<RunResult> {
  const seconds = timeoutMs / 1000
  const late = { status: 'timed-out', reason: reason('timed-out.build', { seconds }) } as const
  const callOff = state.world.after(timeoutMs, () => root.end(late))
  await Promise.resolve() // Whoever started the run may stop it before anything has begun.
  const outcome = await runSequence(plan.children, root, state, around)
  callOff()
  const last = await runFinally(plan.finally, state, around)
  state.world.processes.killAll()
  return resultOf(isGood(outcome) ? last : outcome)
}

function resultOf(outcome: Outcome): RunResult {
  const status = outcome.status === 'skipped' ? 'success' : outcome.status
  return { status, reason: outcome.reason }
}
