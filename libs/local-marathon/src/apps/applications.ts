import {
  beginDeployment,
  cancelDeployment,
  type Deployment,
  type DeploymentKind,
  deploymentsOf,
} from '../deployments/deployment.ts'
import { Refusal, refuseLocked, refuseMissing } from '../http/refusal.ts'
import { instancesOf, keys, type Machine, saveApp, saveInstance } from '../machine.ts'
import type { ServicePorts } from '../ports/service-ports.ts'
import { forgetDelay } from '../queue/delays.ts'
import type { App } from './app.ts'
import { changeOf, firstVersion, nextVersion } from './change.ts'
import type { GivenApp } from './defaults.ts'
import { keepPortNumbers, readDefinition, readUpdate } from './read-app.ts'

/** What a call that changes something answers. */
export interface Changed {
  readonly app: App | undefined
  readonly deployment: Deployment
  readonly isNew: boolean
}

/** Everything that can be done to an app. Each change is on disk before its promise resolves. */
export function createApplications(machine: Machine, servicePorts: ServicePorts) {
  let lastVersionMs = 0
  // Choosing ports takes a moment; two changes at once could otherwise choose the same.
  let turn: Promise<unknown> = Promise.resolve()

  /** One change after the other in memory; the disk is waited for outside, so that many changes share a sync. */
  async function inTurn(work: () => Promise<Changed>): Promise<Changed> {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    const changed = await result
    await machine.store.durable()
    return changed
  }

  /** A version is a timestamp and has to be unique. */
  function newVersion(): string {
    lastVersionMs = Math.max(machine.now().getTime(), lastVersionMs + 1)
    return new Date(lastVersionMs).toISOString()
  }

  function unlock(appId: string, force: boolean): void {
    const running = deploymentsOf(machine, appId)
    if (running.length > 0 && !force) throw refuseLocked(running.map((one) => one.id))
    for (const deployment of running) cancelDeployment(machine, deployment)
  }

  function checkRoom(): void {
    const max = machine.settings.runningDeploymentsMax
    if (machine.deployments.size < max) return
    const message = `Max number (${max}) of running deployments is achieved. Wait for existing deployments to complete or cancel one using force=true parameter.`
    throw new Refusal(403, { message })
  }

  function begin(appId: string, kind: DeploymentKind, version: string, isNew = false): Changed {
    const deployment = beginDeployment(machine, appId, kind, version)
    machine.touch(appId)
    return { app: machine.apps.get(appId), deployment, isNew }
  }

  function get(appId: string): App {
    const app = machine.apps.get(appId)
    if (!app) throw refuseMissing(`App '${appId}'`)
    return app
  }

  async function add(appId: string, given: GivenApp, force: boolean): Promise<Changed> {
    const checked = readDefinition(given, appId)
    checkPaths(appId)
    if (!force) checkRoom()
    if (deploymentsOf(machine, appId).length > 0 && !force) unlock(appId, false)
    const definition = await servicePorts.assign(checked)
    unlock(appId, force)
    const app = firstVersion(definition, newVersion())
    forgetDelay(machine, appId)
    saveApp(machine, app)
    return begin(appId, 'start', app.current.version, true)
  }

  /** An app cannot lie where a group of apps lies. */
  function checkPaths(appId: string): void {
    for (const other of machine.apps.keys()) {
      const clashes = other.startsWith(`${appId}/`) || appId.startsWith(`${other}/`)
      if (clashes)
        throw new Refusal(409, { message: `App '${appId}' and app '${other}' cannot be a group and an app at once` })
    }
  }

  /** POST: only if there is no such app. */
  function create(appId: string, given: GivenApp, force: boolean): Promise<Changed> {
    return inTurn(async () => {
      if (machine.apps.has(appId)) throw new Refusal(409, { message: `An app with id [${appId}] already exists.` })
      return add(appId, given, force)
    })
  }

  /** PUT and PATCH. `partial` keeps what is not named. PUT makes an unknown app, PATCH refuses it. */
  function update(
    appId: string,
    given: GivenApp,
    how: { force: boolean; partial: boolean; mayCreate: boolean },
  ): Promise<Changed> {
    return inTurn(async () => {
      const app = machine.apps.get(appId)
      if (!app && how.mayCreate) return add(appId, given, how.force)
      const { current } = get(appId)
      const complete = how.partial ? readUpdate(current, given) : readDefinition(given, appId)
      const wanted = keepPortNumbers(complete, current)
      return change(get(appId), await servicePorts.assign(wanted), how.force)
    })
  }

  function change(app: App, definition: App['current']['definition'], force: boolean): Changed {
    const appId = definition.id
    const kind = changeOf(app.current.definition, definition)
    if (kind === 'none') return begin(appId, 'nothing', newVersion())
    if (!force) checkRoom()
    unlock(appId, force)
    const version = newVersion()
    saveApp(machine, nextVersion(app, definition, version, kind))
    if (kind === 'restart') forgetDelay(machine, appId)
    // Nobody runs and nobody shall: Marathon plans such a change as a scaling.
    return begin(appId, kind === 'restart' && definition.instances > 0 ? 'restart' : 'scale', version)
  }

  /** New tasks for the same definition, by the app's upgrade strategy. */
  function restart(appId: string, force: boolean): Promise<Changed> {
    return inTurn(async () => {
      const app = get(appId)
      if (!force) checkRoom()
      unlock(appId, force)
      const version = newVersion()
      saveApp(machine, nextVersion(app, app.current.definition, version, 'restart'))
      forgetDelay(machine, appId)
      return begin(appId, 'restart', version)
    })
  }

  /** The app is gone at once; its tasks end, then `app_terminated_event` says so. */
  function remove(appId: string, force: boolean): Promise<Changed> {
    return inTurn(async () => {
      get(appId)
      unlock(appId, force)
      machine.apps.delete(appId)
      machine.store.set(keys.app(appId), null)
      // Told to stop in the same write: an app of the same name made next must not take these for its own.
      for (const instance of instancesOf(machine, appId))
        saveInstance(machine, Object.assign(instance, { goal: 'Stopped' }))
      forgetDelay(machine, appId)
      return begin(appId, 'stop', newVersion())
    })
  }

  return { get, create, update, restart, remove }
}

export type Applications = ReturnType<typeof createApplications>
