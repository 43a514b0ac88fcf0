import { randomUUID } from 'node:crypto'
import type { Log } from '@baton/service-kit/log'
import type { App, AppVersion } from './apps/app.ts'
import { taskIdPrefix } from './apps/app-id.ts'
import type { Engine } from './containers/engine.ts'
import type { Deployment } from './deployments/deployment.ts'
import type { EventBus } from './events/bus.ts'
import type { Group } from './groups/group.ts'
import type { RootChange } from './groups/history.ts'
import type { HealthBook } from './health/health-book.ts'
import type { Delay } from './queue/backoff.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store/store.ts'
import type { Instance } from './tasks/instance.ts'

/** The one machine this Marathon runs on: what is known about it, in memory, with its store on disk. */
export interface Machine {
  readonly settings: Settings
  readonly log: Log
  readonly store: Store
  readonly events: EventBus
  readonly health: HealthBook
  readonly apps: Map<string, App>
  readonly instances: Map<string, Instance>
  /** The same, by app: most looks concern one app. */
  readonly instancesByApp: Map<string, Set<Instance>>
  readonly groups: Map<string, Group>
  /** What the latest changes replaced, oldest first, by version. */
  readonly changes: Map<string, RootChange>
  readonly deployments: Map<string, Deployment>
  readonly delays: Map<string, Delay>
  /** What runs images here, if anything does. */
  readonly engine: Engine | undefined
  now(): Date
  /** Something about this app changed: look whether there is something to do. */
  touch(appId: string): void
}

/** Where each kind of record lies in the store. */
export const keys = {
  app: (id: string) => `app:${id}`,
  group: (id: string) => `group:${id}`,
  change: (version: string) => `change:${version}`,
  instance: (id: string) => `instance:${id}`,
  deployment: (id: string) => `deployment:${id}`,
  delay: (appId: string) => `delay:${appId}`,
} as const

export function saveGroup(machine: Machine, group: Group): void {
  machine.groups.set(group.id, group)
  machine.store.set(keys.group(group.id), group)
}

export function forgetGroup(machine: Machine, id: string): void {
  if (machine.groups.delete(id)) machine.store.set(keys.group(id), null)
}

export function saveApp(machine: Machine, app: App): void {
  const id = app.current.definition.id
  machine.apps.set(id, app)
  machine.store.set(keys.app(id), app)
}

export function indexInstance(machine: Machine, instance: Instance): void {
  const siblings = machine.instancesByApp.get(instance.appId)
  if (siblings) siblings.add(instance)
  else machine.instancesByApp.set(instance.appId, new Set([instance]))
}

export function saveInstance(machine: Machine, instance: Instance): void {
  machine.instances.set(instance.id, instance)
  indexInstance(machine, instance)
  machine.store.set(keys.instance(instance.id), instance)
}

export function forgetInstance(machine: Machine, instance: Instance): void {
  machine.instances.delete(instance.id)
  const siblings = machine.instancesByApp.get(instance.appId)
  siblings?.delete(instance)
  if (siblings?.size === 0) machine.instancesByApp.delete(instance.appId)
  machine.store.set(keys.instance(instance.id), null)
}

export function instancesOf(machine: Machine, appId: string): Instance[] {
  return [...(machine.instancesByApp.get(appId) ?? [])]
}

/** A new place for one copy of the app at its present version, waiting to be launched. */
export function scheduleInstance(machine: Machine, current: AppVersion): Instance {
  const instance: Instance = {
    id: `${taskIdPrefix(current.definition.id)}.instance-${randomUUID()}`,
    appId: current.definition.id,
    goal: 'Running',
    version: current.version,
    configVersion: current.lastConfigChangeAt,
    since: machine.now().toISOString(),
    incarnation: 0,
  }
  saveInstance(machine, instance)
  machine.events.instanceChanged(instance, 'Scheduled')
  return instance
}
