import type { AppDefinition } from '../apps/app.ts'
import { changeOf } from '../apps/change.ts'
import { type AppChange, planSteps, type Step } from '../deployments/plan.ts'
import { refuseInvalid } from '../http/refusal.ts'
import type { Machine } from '../machine.ts'
import { dependencyGraph, depths } from './dependencies.ts'
import { type Group, groupsAbove, isWithin } from './group.ts'
import type { Wish } from './wish.ts'

/** What a wish comes to: everything that changes, and in which order. */
export interface Target {
  readonly changes: ReadonlyMap<string, AppChange>
  /** Groups that appear, change or go. */
  readonly groups: ReadonlyMap<string, Group | undefined>
  readonly steps: readonly Step[]
}

/** Holds a wish against what is there. @throws 422 when it would make a tree that cannot be */
export function targetOf(machine: Machine, wish: Wish): Target {
  const changes = changesOf(machine, wish)
  const definitions = wantedDefinitions(machine, wish)
  const groups = wantedGroups(machine, wish, definitions)
  checkNames(definitions, groups)
  const depth = depths(dependencyGraph([...definitions.values()], groups))
  if (!depth) throw refuseInvalid([{ path: '/', errors: ['Dependency graph has cyclic dependencies.'] }])
  return {
    changes,
    groups: groupChanges(machine.groups, groups),
    steps: planSteps(changes, (appId) => depth.get(appId)),
  }
}

function changesOf(machine: Machine, wish: Wish): Map<string, AppChange> {
  const changes = new Map<string, AppChange>()
  for (const [id, wanted] of wish.apps) {
    const before = machine.apps.get(id)?.current.definition
    if (!wanted) {
      if (before) changes.set(id, 'removed')
      continue
    }
    const change = before ? changeOf(before, wanted.definition) : 'new'
    if (wanted.restart && change === 'none') changes.set(id, 'restart')
    // Nobody runs and nobody shall: Marathon plans such a change as a scaling.
    else if (change === 'restart' && wanted.definition.instances === 0) changes.set(id, 'scale')
    else if (change !== 'none') changes.set(id, change)
  }
  return changes
}

function wantedDefinitions(machine: Machine, wish: Wish): Map<string, AppDefinition> {
  const definitions = new Map([...machine.apps].map(([id, app]) => [id, app.current.definition]))
  for (const [id, wanted] of wish.apps) {
    if (wanted) definitions.set(id, wanted.definition)
    else definitions.delete(id)
  }
  return definitions
}

function wantedGroups(machine: Machine, wish: Wish, apps: ReadonlyMap<string, AppDefinition>): Map<string, Group> {
  const groups = new Map(machine.groups)
  for (const [id, group] of wish.groups) {
    if (group) groups.set(id, group)
    else for (const one of [...groups.keys()]) if (one === id || isWithin(one, id)) groups.delete(one)
  }
  for (const id of wish.apps.keys()) if (apps.has(id) && !machine.apps.has(id)) dropEmpty(groups, apps, id)
  const homes = [...apps.keys(), ...wish.groups.keys()].filter((id) => apps.has(id) || groups.has(id))
  for (const id of homes.flatMap(groupsAbove)) if (!groups.has(id)) groups.set(id, { id, dependencies: [] })
  return groups
}

/** An app may take the name of a group in which no app is left. */
function dropEmpty(groups: Map<string, Group>, apps: ReadonlyMap<string, AppDefinition>, id: string): void {
  if ([...apps.keys()].some((appId) => isWithin(appId, id))) return
  for (const groupId of [...groups.keys()]) if (groupId === id || isWithin(groupId, id)) groups.delete(groupId)
}

function checkNames(apps: ReadonlyMap<string, AppDefinition>, groups: ReadonlyMap<string, Group>): void {
  for (const id of groups.keys()) {
    if (apps.has(id))
      throw refuseInvalid([{ path: '/', errors: ['Groups and Applications may not have the same identifier.'] }])
  }
}

function groupChanges(before: ReadonlyMap<string, Group>, after: ReadonlyMap<string, Group>) {
  const changed = new Map<string, Group | undefined>()
  for (const [id, group] of after) if (!isSame(before.get(id), group)) changed.set(id, group)
  for (const id of before.keys()) if (!after.has(id)) changed.set(id, undefined)
  return changed
}

function isSame(a: Group | undefined, b: Group): boolean {
  return a?.enforceRole === b.enforceRole && a?.dependencies.join() === b.dependencies.join()
}
