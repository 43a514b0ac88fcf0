/** A folder of apps and further groups. Apps lie in it by their ids; it has a record of its own so that it may be empty. */
export interface Group {
  readonly id: string
  /** Apps or groups that have to be up before anything in here is started or changed. */
  readonly dependencies: readonly string[]
  readonly enforceRole?: boolean
}

export const rootId = '/'

export function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/')) || rootId
}

/** Whether an app or a group lies in this group, at any depth. */
export function isWithin(id: string, groupId: string): boolean {
  return groupId === rootId ? id !== rootId : id.startsWith(`${groupId}/`)
}

/** The groups that an app or group lies in, nearest first, without the root. */
export function groupsAbove(id: string): string[] {
  const parent = parentOf(id)
  return parent === rootId ? [] : [parent, ...groupsAbove(parent)]
}
