import { resolve } from 'node:path'
import { isLeaf, type Planned } from '../tree/plan.ts'
import { failOnThrow, killable, limitTime, reportStartAndEnd, retry, skipUnlessWanted } from './layers.ts'
import type { Outcome } from './outcome.ts'
import { executeGroup } from './run-group.ts'
import { executeStep, withOutput } from './run-step.ts'
import { createScope, type Scope } from './scope.ts'
import type { Layer, RunJob, RunState, Surroundings } from './state.ts'

/** Outermost first. Each layer adds one thing. */
const stepLayers: Layer[] = [skipUnlessWanted, reportStartAndEnd, withOutput, killable, limitTime, retry, failOnThrow]
const groupLayers: Layer[] = [skipUnlessWanted, reportStartAndEnd, killable, limitTime]

const around = (layers: readonly Layer[], execute: RunJob): RunJob =>
  layers.reduceRight((inner, layer) => layer(inner), execute)

const runStep = around(stepLayers, executeStep)
const runGroup = around(groupLayers, executeGroup)

/** Runs one node of the tree inside of `parent`. Never throws: whatever happens is an outcome. */
export async function runNode(
  state: RunState,
  planned: Planned,
  parent: Scope,
  around: Surroundings,
): Promise<Outcome> {
  const scope = createScope(parent)
  try {
    const run = isLeaf(planned) ? runStep : runGroup
    const { options } = planned.node
    const cwd = resolve(around.cwd, ('cwd' in options ? options.cwd : undefined) ?? '.')
    return await run({ planned, state, scope, cwd, env: { ...around.env, ...options.env } })
  } finally {
    scope.close()
  }
}
