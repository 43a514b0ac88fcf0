import { errors } from '../errors.ts'
import {
  checkOptions,
  dynamicRules,
  groupRules,
  nodeRules,
  pipelineRules,
  type Rules,
  stepRules,
} from './check-options.ts'
import type { Group, Node, Pipeline } from './node.ts'
import { groupKinds } from './node.ts'

const nameLengthMax = 200
const pipelineNameLengthMax = 100
/** Four digits: what the id of a step may have for each level. */
const nodesMax = 9999
const depthMax = 16
const nameChars = /^[^\p{Cc}\p{Cs}]+$/u

/** What one check has seen so far: a step may stand in the tree only once, or `use` would not know which. */
type Seen = Set<unknown>

/** Checks the whole tree. @throws PIPELINE_INVALID with the place and the complaint */
export function checkPipeline(made: Pipeline): void {
  checkName(made.name, 'pipeline(...)', pipelineNameLengthMax)
  const where = `pipeline "${made.name}"`
  checkOptions(made.options, pipelineRules, where)
  const seen: Seen = new Set()
  checkChildren(made.children, where, seen, 1)
  checkFinally(made.options.finally, made.children, where, seen)
}

function checkChildren(children: readonly Node[], where: string, seen: Seen, depth: number): void {
  if (!Array.isArray(children)) throw errors.PIPELINE_INVALID({ where, complaint: 'its steps are not a list' })
  if (children.length === 0) throw errors.PIPELINE_INVALID({ where, complaint: 'it has no steps' })
  if (depth > depthMax - 1)
    throw errors.PIPELINE_INVALID({ where, complaint: `groups are nested deeper than ${depthMax}` })
  checkNames(children, where)
  for (const child of children) checkNode(child, where, seen, depth)
}

function checkNode(node: Node, where: string, seen: Seen, depth: number): void {
  const here = `${where}, ${node.kind} "${node.name}"`
  if (seen.has(node))
    throw errors.PIPELINE_INVALID({ where: here, complaint: 'the same step stands in the tree twice' })
  seen.add(node)
  if (seen.size > nodesMax) throw errors.PIPELINE_INVALID({ where, complaint: `it has more than ${nodesMax} steps` })
  checkOptions(node.options, rulesOf(node), here)
  if (isGroup(node)) {
    checkChildren(node.children, here, seen, depth + 1)
    checkFinally(node.options.finally, node.children, here, seen)
  } else if (node.kind === 'step') checkBody(node.body, here)
  else if (node.kind === 'dynamic' && typeof node.decide !== 'function')
    throw errors.PIPELINE_INVALID({ where: here, complaint: 'it needs a function that gives its steps' })
}

/** Checks what was decided at run time against the tree that it becomes a part of. @throws PIPELINE_INVALID */
export function checkDecided(nodes: readonly Node[], where: string, others: Iterable<Node>, depth: number): void {
  if (Array.isArray(nodes) && nodes.length === 0) return
  checkChildren(nodes, where, new Set(others), depth)
}

function rulesOf(node: Node): Rules {
  if (isGroup(node)) return groupRules
  if (node.kind === 'dynamic') return dynamicRules
  return node.kind === 'checkout' ? { ...stepRules, ...nodeRules.checkout } : stepRules
}

function checkBody(body: unknown, where: string): void {
  if (typeof body === 'function') return
  if (typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'sh') return
  throw errors.PIPELINE_INVALID({ where, complaint: 'it needs a function or sh`...`' })
}

function checkFinally(steps: unknown, siblings: readonly Node[], where: string, seen: Seen): void {
  if (steps === undefined) return
  if (!Array.isArray(steps)) throw errors.PIPELINE_INVALID({ where, complaint: 'finally is not a list of steps' })
  checkNames([...siblings, ...steps], `${where}, finally`)
  for (const node of steps as Node[]) {
    if (node.kind !== 'step') throw errors.PIPELINE_INVALID({ where, complaint: 'finally holds plain steps only' })
    checkNode(node, `${where}, finally`, seen, 1)
  }
}

function checkNames(nodes: readonly Node[], where: string): void {
  const names = new Set<string>()
  for (const node of nodes) {
    if (!isNode(node))
      throw errors.PIPELINE_INVALID({ where, complaint: `${what(node)} stands where a step is expected` })
    checkName(node.name, where, nameLengthMax)
    if (names.has(node.name)) throw errors.PIPELINE_INVALID({ where, complaint: `two steps are called "${node.name}"` })
    names.add(node.name)
  }
}

function checkName(name: unknown, where: string, lengthMax: number): void {
  const isGood = typeof name === 'string' && name.trim() !== '' && name.length <= lengthMax && nameChars.test(name)
  if (isGood) return
  const complaint = `${JSON.stringify(name) ?? 'undefined'} is not a name (1 to ${lengthMax} printable characters)`
  throw errors.PIPELINE_INVALID({ where, complaint })
}

export const isGroup = (node: Node): node is Group => (groupKinds as readonly string[]).includes(node.kind)

function isNode(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('options' in value)) return false
  return ['step', 'checkout', 'dynamic', ...groupKinds].includes(value.kind as string)
}

function what(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'kind' in value) return `a ${String(value.kind)}`
  return value === null ? 'null' : `a ${typeof value}`
}
