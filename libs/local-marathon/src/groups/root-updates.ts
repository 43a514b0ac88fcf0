import type { App, AppDefinition } from '../apps/app.ts'
import { changeOf, firstVersion, nextVersion } from '../apps/change.ts'
import { hasImage } from '../apps/check-container.ts'
import { keepPortNumbers } from '../apps/read-app.ts'
import { appsOf, beginDeployment, cancelDeployment, type Deployment } from '../deployments/deployment.ts'
import type { AppChange, Step } from '../deployments/plan.ts'
import { Refusal, refuseInvalid, refuseLocked } from '../http/refusal.ts'
import { forgetGroup, instancesOf, keys, type Machine, saveApp, saveGroup, saveInstance } from '../machine.ts'
import type { ServicePorts } from '../ports/service-ports.ts'
import { forgetDelay } from '../queue/delays.ts'
import { rootId } from './group.ts'
import { rootVersion, saveChange } from './history.ts'
import { type Target, targetOf } from './target.ts'
import type { WantedApp, Wish } from './wish.ts'

/** The one queue that every change of what is wanted goes through, as in Marathon. */
export interface RootUpdates {
  /**
   * Plans and begins what `wish` says, all of it or nothing. It is called when its turn comes, so it sees the state it
   * changes. On disk before the promise resolves. @throws 403 too many deployments, 409 locked, 422 no possible tree
   */
  update(wish: () => Wish, options: { force: boolean }): Promise<Deployment>
  /** The steps that `update` would take. */
  plan(wish: () => Wish): Promise<readonly Step[]>
}

export function createRootUpdates(machine: Machine, servicePorts: ServicePorts): RootUpdates {
  let lastVersionMs = Date.parse(rootVersion(machine))
  let turn: Promise<unknown> = Promise.resolve()

  /** One change after the other in memory; the disk is waited for outside, so that many changes share a sync. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }

  /** A version is a timestamp and has to be unique. */
  function newVersion(): string {
    lastVersionMs = Math.max(machine.now().getTime(), lastVersionMs + 1)
    return new Date(lastVersionMs).toISOString()
  }

  async function update(wish: () => Wish, { force }: { force: boolean }): Promise<Deployment> {
    const deployment = await inTurn(() => tellOfRefusal(wish, async (wished) => begin(await complete(wished), force)))
    await machine.store.durable()
    return deployment
  }

  /** A change that was tried and refused is told of; a definition that could not even be read is not. */
  async function tellOfRefusal(wish: () => Wish, change: (wished: Wish) => Promise<Deployment>): Promise<Deployment> {
    let groupId: string | undefined
    try {
      const wished = wish()
      groupId = wished.groupId
      return await change(wished)
    } catch (error) {
      const isUnread = groupId === undefined && error instanceof Refusal && error.status === 422
      if (!isUnread) {
        const reason = error instanceof Error ? error.message : String(error)
        machine.events.emit('group_change_failed', { groupId: groupId ?? rootId, version: newVersion(), reason })
      }
      throw error
    }
  }

  function plan(wish: () => Wish): Promise<readonly Step[]> {
    return inTurn(async () => targetOf(machine, await complete(wish())).steps)
  }

  /** Chooses service ports; a port of an app that is there already stays. */
  async function complete(wish: Wish): Promise<Wish> {
    const wanted = [...wish.apps].flatMap(([id, app]) => (app ? [[id, app] as const] : []))
    for (const [id, app] of wanted) checkEngine(id, app.definition, wanted.length > 1)
    const kept = wanted.map(([id, app]) => keepPorts(machine.apps.get(id), app.definition))
    const definitions = await servicePorts.assign(kept)
    const apps = new Map<string, WantedApp | undefined>(wish.apps)
    for (const [at, [id, app]] of wanted.entries())
      apps.set(id, { ...app, definition: definitions[at] ?? app.definition })
    return { ...wish, apps }
  }

  /** As a cluster whose agents have no containerizer for images, but at once. */
  function checkEngine(id: string, { container }: AppDefinition, isOneOfMany: boolean): void {
    if (!hasImage(container) || machine.engine) return
    const path = `${isOneOfMany ? id : ''}/container`
    throw refuseInvalid([{ path, errors: ['this machine runs no images: there is no container engine'] }])
  }

  function begin(wish: Wish, force: boolean): Deployment {
    const target = targetOf(machine, wish)
    if (target.changes.size === 0 && target.groups.size === 0) {
      return beginDeployment(machine, [], { version: newVersion(), groupId: wish.groupId })
    }
    if (!force) checkRoom()
    unlock(target, force)
    const version = newVersion()
    apply(wish, target, version)
    return beginDeployment(machine, target.steps, { version, groupId: wish.groupId })
  }

  function checkRoom(): void {
    const max = machine.settings.runningDeploymentsMax
    if (machine.deployments.size < max) return
    const message = `Max number (${max}) of running deployments is achieved. Wait for existing deployments to complete or cancel one using force=true parameter. You can increase max deployment number by using --max_running_deployments parameter but be advised that this can have negative effects on the performance.`
    throw new Refusal(403, { message })
  }

  function unlock({ changes }: Target, force: boolean): void {
    const inTheWay = [...machine.deployments.values()].filter((one) => appsOf(one).some((id) => changes.has(id)))
    if (inTheWay.length > 0 && !force) throw refuseLocked(inTheWay.map((one) => one.id))
    for (const deployment of inTheWay) cancelDeployment(machine, deployment)
  }

  function apply(wish: Wish, { changes, groups }: Target, version: string): void {
    saveChange(machine, {
      version,
      previousVersion: rootVersion(machine),
      apps: Object.fromEntries([...changes.keys()].map((id) => [id, machine.apps.get(id)?.current ?? null])),
      groups: Object.fromEntries(
        [...groups].map(([id, after]) => [id, { before: machine.groups.get(id) ?? null, after: after ?? null }]),
      ),
    })
    for (const [id, group] of groups) {
      if (group) saveGroup(machine, group)
      else forgetGroup(machine, id)
    }
    for (const instance of wish.sentenced ?? []) saveInstance(machine, Object.assign(instance, { goal: 'Stopped' }))
    for (const [id, change] of changes) applyChange(machine, id, change, wish.apps.get(id), version)
  }

  return { update, plan }
}

function applyChange(machine: Machine, id: string, change: AppChange, wanted: WantedApp | undefined, version: string) {
  const app = machine.apps.get(id)
  if (!wanted) return removeApp(machine, id)
  const { definition, restart } = wanted
  if (!app) {
    forgetDelay(machine, id)
    return saveApp(machine, firstVersion(definition, version))
  }
  // A change of the config is one even where it is planned as a scaling.
  const isConfig = change === 'restart' || changeOf(app.current.definition, definition) === 'restart'
  if (isConfig) forgetDelay(machine, id)
  saveApp(machine, nextVersion(app, definition, version, isConfig ? 'restart' : 'scale', restart?.configVersion))
}

/** The app is gone at once; its tasks end, then `app_terminated_event` says so. */
function removeApp(machine: Machine, id: string): void {
  machine.apps.delete(id)
  machine.store.set(keys.app(id), null)
  // Told to stop in the same write: an app of the same name made next must not take these for its own.
  for (const instance of instancesOf(machine, id)) saveInstance(machine, Object.assign(instance, { goal: 'Stopped' }))
  forgetDelay(machine, id)
}

function keepPorts(app: App | undefined, definition: AppDefinition): AppDefinition {
  return app ? keepPortNumbers(definition, app.current) : definition
}
