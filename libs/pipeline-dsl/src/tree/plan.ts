import { isGroup } from './check.ts'
import type { Checkout, Group, Node, Pipeline, Step } from './node.ts'

/** A node of the tree as records and views know it. The same shape goes over the wire. */
export interface PlannedStep {
  readonly id: string
  readonly name: string
  readonly kind: string
}

/** A node with its place: the id is the path in the tree, `2` or `2.1`. */
export interface Planned<N extends Node = Node> {
  readonly id: string
  readonly kind: string
  readonly node: N
  /** Of a dynamic node: those that were decided, once they are. */
  readonly children: Planned[]
  /** Steps of its `finally`; their ids follow those of the children. */
  readonly finally: readonly Planned<Step>[]
}

export interface Plan {
  readonly children: readonly Planned[]
  readonly finally: readonly Planned<Step>[]
}

/** Gives every node its id, in the order in which they stand in the file; `finally` comes last. */
export function planOf(pipeline: Pipeline): Plan {
  return { children: placed(pipeline.children, ''), ...finallyOf(pipeline, '') }
}

const placed = (nodes: readonly Node[], path: string): Planned[] =>
  nodes.map((node, at) => placeAt(node, `${path}${at + 1}`))

function placeAt(node: Node, id: string): Planned {
  if (!isGroup(node)) return { id, kind: node.kind, node, children: [], finally: [] }
  return { id, kind: node.kind, node, children: placed(node.children, `${id}.`), ...finallyOf(node, `${id}.`) }
}

function finallyOf(owner: Pipeline | Group, path: string): { finally: Planned<Step>[] } {
  const first = owner.children.length + 1
  const last = (owner.options.finally ?? []).map((node, at) => ({
    id: `${path}${first + at}`,
    kind: 'finally',
    node,
    children: [],
    finally: [],
  }))
  return { finally: last }
}

/** All nodes under (and with) these, parents before their children. */
export function flatten(nodes: readonly Planned[]): Planned[] {
  return nodes.flatMap((node) => [node, ...flatten(node.children), ...flatten(node.finally)])
}

/** The plan as it is reported. */
export function stepsOf(plan: Plan): PlannedStep[] {
  return flatten([...plan.children, ...plan.finally]).map(({ id, kind, node }) => ({ id, name: node.name, kind }))
}

export const isLeaf = (planned: Planned): planned is Planned<Step | Checkout> =>
  !isGroup(planned.node) && planned.node.kind !== 'dynamic'

/** Gives the nodes that were decided for a dynamic one their place under it. */
export function grow(planned: Planned, nodes: readonly Node[]): void {
  planned.children.push(...placed(nodes, `${planned.id}.`))
}
