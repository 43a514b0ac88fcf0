import { readAppId, readPath } from '../apps/app-id.ts'
import { readDefinition } from '../apps/read-app.ts'
import { Refusal, refusedAt, refuseInvalid, refuseMissing } from '../http/refusal.ts'
import type { Machine } from '../machine.ts'
import { type Group, isWithin, parentOf, rootId } from './group.ts'
import { currentRoot, findRoot, hasGroup } from './history.ts'
import type { GivenGroup } from './read-group.ts'
import type { WantedApp, Wish } from './wish.ts'

type Draft = { apps: Map<string, WantedApp | undefined>; groups: Map<string, Group | undefined> }

/** What PUT and POST make of a group: an older version of it, more or fewer instances of all its apps, or what is given. */
export function wishOfGroup(machine: Machine, groupId: string, given: GivenGroup): Wish {
  const draft: Draft = { apps: new Map(), groups: new Map() }
  if (given.version !== undefined) restore(machine, groupId, given.version, draft)
  else if (given.scaleBy !== undefined) scale(machine, groupId, given.scaleBy, draft)
  else replace(machine, groupId, given, '', draft)
  return { groupId: parentOf(groupId), ...draft }
}

/** The group goes with everything in it. @throws 404 */
export function wishWithoutGroup(machine: Machine, groupId: string): Wish {
  if (!hasGroup(currentRoot(machine), groupId)) throw refuseMissing(`Group '${groupId}'`)
  const draft: Draft = { apps: new Map(), groups: new Map() }
  clear(machine, groupId, draft)
  if (groupId !== rootId) draft.groups.set(groupId, undefined)
  return { groupId: parentOf(groupId), ...draft }
}

function clear(machine: Machine, groupId: string, draft: Draft): void {
  for (const id of machine.apps.keys()) if (isWithin(id, groupId)) draft.apps.set(id, undefined)
  for (const id of machine.groups.keys()) if (isWithin(id, groupId)) draft.groups.set(id, undefined)
}

function restore(machine: Machine, groupId: string, version: string, draft: Draft): void {
  const root = findRoot(machine, version)
  if (!root || !hasGroup(root, groupId)) {
    throw new Refusal(422, { message: `Group ${groupId} not available in version ${version}` })
  }
  clear(machine, groupId, draft)
  for (const [id, { definition }] of root.apps) if (isWithin(id, groupId)) draft.apps.set(id, { definition })
  for (const [id, group] of root.groups) if (id === groupId || isWithin(id, groupId)) draft.groups.set(id, group)
}

function scale(machine: Machine, groupId: string, by: number, { apps }: Draft): void {
  for (const [id, { current }] of machine.apps) {
    const { definition } = current
    if (isWithin(id, groupId))
      apps.set(id, { definition: { ...definition, instances: Math.ceil(definition.instances * by) } })
  }
}

/** Lists that are given are whole: what they do not name goes. Lists that are not given stay. */
function replace(machine: Machine, groupId: string, given: GivenGroup, at: string, draft: Draft): void {
  const before = machine.groups.get(groupId)
  const enforceRole = given.enforceRole ?? before?.enforceRole
  draft.groups.set(groupId, {
    id: groupId,
    dependencies:
      given.dependencies?.map((one) => readPath(one, groupId, `${at}/dependencies`)) ?? before?.dependencies ?? [],
    ...(enforceRole === undefined ? {} : { enforceRole }),
  })
  if (given.apps) replaceApps(machine, groupId, given.apps, at, draft)
  if (given.groups) replaceGroups(machine, groupId, given.groups, at, draft)
}

function replaceApps(
  machine: Machine,
  groupId: string,
  given: NonNullable<GivenGroup['apps']>,
  at: string,
  draft: Draft,
) {
  for (const id of machine.apps.keys()) if (parentOf(id) === groupId) draft.apps.set(id, undefined)
  for (const [index, one] of given.entries()) {
    refusedAt(`${at}/apps(${index})`, () => {
      const id = readAppId(one.id, groupId)
      checkWithin(id, groupId)
      draft.apps.set(id, { definition: readDefinition(one, id, groupId) })
    })
  }
}

function replaceGroups(machine: Machine, groupId: string, given: readonly GivenGroup[], at: string, draft: Draft) {
  for (const id of machine.groups.keys()) {
    if (parentOf(id) !== groupId) continue
    clear(machine, id, draft)
    draft.groups.set(id, undefined)
  }
  for (const [index, one] of given.entries()) {
    const path = `${at}/groups(${index})`
    if (one.id === undefined) throw refuseInvalid([{ path: `${path}/id`, errors: ['not defined'] }])
    const id = readPath(one.id, groupId, `${path}/id`)
    refusedAt(path, () => checkWithin(id, groupId))
    keep(machine, id, draft)
    replace(machine, id, one, path, draft)
  }
}

/** A group that is named stays: what it does not mention is as it was. */
function keep(machine: Machine, groupId: string, draft: Draft): void {
  for (const id of [...draft.apps.keys()]) if (isWithin(id, groupId)) draft.apps.delete(id)
  for (const [id, group] of machine.groups) if (id === groupId || isWithin(id, groupId)) draft.groups.set(id, group)
}

function checkWithin(id: string, groupId: string): void {
  if (isWithin(id, groupId)) return
  throw refuseInvalid([{ path: '/id', errors: [`Identifier is not child of '${groupId}'. Hint: use relative paths.`] }])
}
