import { findDurationMs } from './duration.ts'
import type { Pipeline } from './node.ts'
import { flatten, isLeaf, planOf } from './plan.ts'

/** The steps of a pipeline by id, without its groups, each with its time limit in ms if it has one. */
export function timeLimitsOf(pipeline: Pipeline): ReadonlyMap<string, number | undefined> {
  const plan = planOf(pipeline)
  const leaves = flatten([...plan.children, ...plan.finally]).filter(isLeaf)
  return new Map(leaves.map(({ id, node }) => [id, findDurationMs(node.options.timeout)]))
}
