import { isDeepStrictEqual } from 'node:util'
import type { AppVersion } from '../apps/app.ts'
import { type Group, isWithin, rootId } from '../groups/group.ts'
import type { RootChange } from '../groups/history.ts'
import type { WantedApp, Wish } from '../groups/wish.ts'
import type { Machine } from '../machine.ts'

/**
 * What takes one change back, against what is there now. Apps were locked meanwhile, so they simply get their old
 * definition; groups are not locked by deployments, so what others did to them stays. Marathon's DeploymentPlanReverter.
 */
export function wishToRevert(machine: Machine, change: RootChange): Wish {
  const apps = new Map(Object.entries(change.apps).map(([id, before]) => [id, revertApp(machine, id, before)]))
  const groups = new Map<string, Group | undefined>()
  const innerFirst = Object.keys(change.groups).sort((a, b) => (a < b ? 1 : -1))
  const appsLeft = [...new Set([...machine.apps.keys(), ...apps.keys()])].filter((id) => apps.get(id) || !apps.has(id))
  const groupsLeft = new Set(machine.groups.keys())
  const isEmpty = (id: string) => ![...appsLeft, ...groupsLeft].some((one) => isWithin(one, id))
  for (const id of innerFirst) {
    const { before, after } = change.groups[id] ?? { before: null, after: null }
    const now = machine.groups.get(id)
    const isOurs = now !== undefined && isDeepStrictEqual(now, after)
    if (!before && isOurs && isEmpty(id)) {
      groupsLeft.delete(id)
      groups.set(id, undefined)
    } else groups.set(id, revertGroup(now ?? { id, dependencies: [] }, before, after))
  }
  return { groupId: rootId, apps, groups }
}

function revertApp(machine: Machine, id: string, before: AppVersion | null): WantedApp | undefined {
  if (!before) return undefined
  const { definition, lastConfigChangeAt } = before
  const now = machine.apps.get(id)?.current.definition
  // A restart changed nothing but the config's version: with that one back the tasks that are left count again.
  const isRestart = isDeepStrictEqual(now, definition)
  return { definition, ...(isRestart ? { restart: { configVersion: lastConfigChangeAt } } : {}) }
}

function revertGroup(now: Group, before: Group | null, after: Group | null): Group {
  const had = before?.dependencies ?? []
  const added = (after?.dependencies ?? []).filter((id) => !had.includes(id))
  const kept = now.dependencies.filter((id) => !added.includes(id))
  return { ...now, dependencies: [...new Set([...kept, ...had])] }
}
