import { reason, unify } from '@baton/model'
import type { Dynamic, Group, GroupKind, GroupOptions } from '../tree/node.ts'
import type { Planned } from '../tree/plan.ts'
import { isGood, type Outcome } from './outcome.ts'
import { runDynamic } from './run-dynamic.ts'
import { runFinally } from './run-finally.ts'
import { runSequence } from './run-sequence.ts'
import { createScope } from './scope.ts'
import type { Job, RunJob } from './state.ts'

/** How the children of each kind of group run. */
const ways: Record<GroupKind | 'dynamic', RunJob> = {
  group: (job) => runSequence(job.planned.children, job.scope, job.state, job),
  parallel: runParallel,
  either: runEither,
  dynamic: runDynamic,
}

/** Runs a group in its workspace: the one around it, or one of its own that is gone afterwards. */
export const executeGroup: RunJob = async (job) => {
  const { workspace: own } = job.planned.node.options as GroupOptions
  if (own === undefined) return await runWhole(job)
  const { world, options } = job.state
  const workspace = world.openWorkspace(options.workspaces)
  try {
    return await runWhole({ ...job, cwd: workspace.path })
  } finally {
    workspace.remove()
  }
}

/** Runs a group's children, then its `finally`, whatever became of them. */
async function runWhole(job: Job): Promise<Outcome> {
  const node = job.planned.node as Group | Dynamic
  const outcome = await ways[node.kind](job)
  const last = await runFinally(job.planned.finally, job.state, job)
  return isGood(outcome) && !isGood(last) ? last : outcome
}

async function runParallel(job: Job): Promise<Outcome> {
  const { children } = job.planned
  return worstOf(await Promise.all(children.map((child) => job.state.runNode(child, job.scope, job))))
}

async function runEither(job: Job): Promise<Outcome> {
  const racers = job.planned.children.map((child) => ({ child, scope: createScope(job.scope) }))
  let winner: Planned | undefined
  const outcomes = await Promise.all(
    racers.map(async ({ child, scope }) => {
      const outcome = await job.state.runNode(child, scope, job)
      scope.close()
      if (outcome.status !== 'success' || winner !== undefined) return outcome
      winner = child
      const order = { status: 'killed', reason: reason('killed.sibling', { step: child.node.name }) } as const
      for (const other of racers) if (other.child !== child) other.scope.end(order)
      return outcome
    }),
  )
  return winner === undefined ? worstOf(outcomes) : { status: 'success' }
}

/** The worst status, with the reason of the first child that has it. */
function worstOf(outcomes: readonly Outcome[]): Outcome {
  const status = unify(outcomes.map((outcome) => outcome.status)) as Outcome['status']
  return { status, reason: outcomes.find((outcome) => outcome.status === status)?.reason }
}
