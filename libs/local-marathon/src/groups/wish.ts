import type { AppDefinition } from '../apps/app.ts'
import type { Instance } from '../tasks/instance.ts'
import type { Group } from './group.ts'

/** What shall become of one app. */
export interface WantedApp {
  readonly definition: AppDefinition
  /** New tasks although the definition stays: those of this config version stay, if one is given. */
  readonly restart?: { readonly configVersion?: string }
}

/** What a call wants to change. What it does not name stays as it is; `undefined` = shall be gone. */
export interface Wish {
  /** The group that events name. */
  readonly groupId: string
  readonly apps: ReadonlyMap<string, WantedApp | undefined>
  readonly groups: ReadonlyMap<string, Group | undefined>
  /** Named so that shrinking their apps does not choose others. */
  readonly sentenced?: readonly Instance[]
}

export function wishOfApp(groupId: string, appId: string, app: WantedApp | undefined): Wish {
  return { groupId, apps: new Map([[appId, app]]), groups: new Map() }
}
