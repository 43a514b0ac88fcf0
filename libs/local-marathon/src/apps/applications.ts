import type { Deployment } from '../deployments/deployment.ts'
import { parentOf } from '../groups/group.ts'
import type { RootUpdates } from '../groups/root-updates.ts'
import { type WantedApp, type Wish, wishOfApp } from '../groups/wish.ts'
import { Refusal, refuseMissing } from '../http/refusal.ts'
import { forgetInstance, type Machine, saveInstance } from '../machine.ts'
import { type Instance, isActive } from '../tasks/instance.ts'
import type { App } from './app.ts'
import { readAppId } from './app-id.ts'
import type { GivenApp } from './defaults.ts'
import { readDefinition, readUpdate } from './read-app.ts'

/** What a call that changes an app answers. */
export interface Changed {
  readonly app: App | undefined
  readonly deployment: Deployment
  readonly isNew: boolean
}

export interface UpdateOptions {
  readonly force: boolean
  /** What is not named stays. */
  readonly partial: boolean
  /** PUT makes an unknown app, PATCH refuses it. */
  readonly mayCreate: boolean
}

/** Everything that can be done to apps. Each change is on disk before its promise resolves. */
export function createApplications(machine: Machine, root: RootUpdates) {
  function get(appId: string): App {
    const app = machine.apps.get(appId)
    if (!app) throw refuseMissing(`App '${appId}'`)
    return app
  }

  async function change(appId: string, force: boolean, want: () => WantedApp | undefined): Promise<Changed> {
    let isNew = false
    const wish = () => {
      isNew = !machine.apps.has(appId)
      return wishOfApp(parentOf(appId), appId, want())
    }
    const deployment = await root.update(wish, { force })
    return { app: machine.apps.get(appId), deployment, isNew }
  }

  /** POST: only if there is no such app. */
  function create(appId: string, given: GivenApp, force: boolean): Promise<Changed> {
    return change(appId, force, () => {
      if (machine.apps.has(appId)) throw new Refusal(409, { message: `An app with id [${appId}] already exists.` })
      return { definition: readDefinition(given, appId) }
    })
  }

  /** The definition that an update makes of what is there. @throws 404, 422 */
  function wanted(appId: string, given: GivenApp, how: Omit<UpdateOptions, 'force'>): WantedApp {
    const app = machine.apps.get(appId)
    if (!app && how.mayCreate) return { definition: readDefinition(given, appId) }
    const { current, older } = get(appId)
    if (given.version === undefined) {
      return { definition: how.partial ? readUpdate(current, given) : readDefinition(given, appId) }
    }
    const found = [current, ...older].find((one) => one.version === given.version)
    if (!found) throw refuseMissing(`App '${appId}'`, given.version)
    return { definition: found.definition }
  }

  /** PUT and PATCH of one app. */
  function update(appId: string, given: GivenApp, how: UpdateOptions): Promise<Changed> {
    return change(appId, how.force, () => wanted(appId, given, how))
  }

  /** PUT and PATCH of several, in one deployment. Each names its id. */
  function updateAll(all: readonly GivenApp[], how: UpdateOptions): Promise<Deployment> {
    const wish = (): Wish => ({
      groupId: '/',
      groups: new Map(),
      apps: new Map(
        all.map((given) => {
          const appId = readAppId(given.id ?? '')
          return [appId, wanted(appId, given, how)]
        }),
      ),
    })
    return root.update(wish, { force: how.force })
  }

  /** New tasks for the same definition, by the app's upgrade strategy. */
  function restart(appId: string, force: boolean): Promise<Changed> {
    return change(appId, force, () => ({ definition: get(appId).current.definition, restart: {} }))
  }

  function remove(appId: string, force: boolean): Promise<Changed> {
    return change(appId, force, () => {
      get(appId)
      return undefined
    })
  }

  /** Fewer instances: exactly these tasks go, and their places with them. */
  function shrink(victims: readonly Instance[], force: boolean): Promise<Deployment> {
    const shrunk = (appId: string): WantedApp => {
      const { definition } = get(appId).current
      const count = victims.filter((one) => one.appId === appId).length
      return { definition: { ...definition, instances: Math.max(0, definition.instances - count) } }
    }
    const wish = (): Wish => ({
      groupId: '/',
      groups: new Map(),
      apps: new Map(victims.map(({ appId }) => [appId, shrunk(appId)])),
      sentenced: victims,
    })
    return root.update(wish, { force })
  }

  /** The place is given up, whatever becomes of its task; the app gets another one. */
  function expunge(instance: Instance): void {
    if (isActive(instance)) saveInstance(machine, Object.assign(instance, { goal: 'Stopped' as const }))
    else forgetInstance(machine, instance)
    machine.touch(instance.appId)
  }

  return { get, create, update, updateAll, restart, remove, shrink, expunge }
}

export type Applications = ReturnType<typeof createApplications>
