import type { App } from '../apps/app.ts'
import type { Readiness } from '../health/readiness.ts'
import { forgetInstance, instancesOf, type Machine, saveInstance, scheduleInstance } from '../machine.ts'
import { forgetDelay } from '../queue/delays.ts'
import { type Instance, isActive, isScheduled } from '../tasks/instance.ts'
import type { Runner } from '../tasks/runner.ts'
import { type Deployment, deploymentsOf, finishAction, saveDeployment, turnOf } from './deployment.ts'
import { isRolled, rollingLimits, rollingMoves } from './rolling.ts'
import { inOrderOfDeath } from './victims.ts'

export interface Converging {
  readonly machine: Machine
  readonly runner: Runner
  readonly readiness: Readiness
}

/**
 * Moves an app one step towards what is wanted. It only looks at what is, never at what happened, so it may run at any
 * time and any number of times, after a crash as well.
 */
export function converge(context: Converging, appId: string): void {
  const app = context.machine.apps.get(appId)
  const deployment = deploymentsOf(context.machine, appId)[0]
  const turn = turnOf(deployment, appId)
  // Told to go, by whoever: a server that died in between may not have asked the task yet.
  for (const one of instancesOf(context.machine, appId)) if (one.goal === 'Stopped') stopInstance(context, one)
  if (!app) convergeRemoved(context, appId)
  else if (turn === 'RestartApplication' && deployment) roll(context, app, deployment)
  // What it depends on comes first: until then it stays as it is.
  else if (turn !== 'waiting') scale(context, app, turn === 'ScaleApplication' ? deployment : undefined)
}

function convergeRemoved(context: Converging, appId: string): void {
  const { machine } = context
  for (const instance of instancesOf(machine, appId)) stopInstance(context, instance)
  if (instancesOf(machine, appId).length > 0) return
  for (const deployment of deploymentsOf(machine, appId)) {
    if (turnOf(deployment, appId) !== 'StopApplication') continue
    machine.events.emit('app_terminated_event', { appId })
    finishAction(machine, deployment, appId)
  }
}

/** The instance goes: at once if it has no process, otherwise with its task. */
export function stopInstance({ machine, runner }: Converging, instance: Instance): void {
  if (!isActive(instance)) {
    forgetInstance(machine, instance)
    return
  }
  if (instance.goal !== 'Stopped') {
    instance.goal = 'Stopped'
    saveInstance(machine, instance)
  }
  runner.kill(instance)
}

function scale(context: Converging, app: App, deployment: Deployment | undefined): void {
  const { machine } = context
  const { current } = app
  const { id, instances: wanted, killSelection } = current.definition
  replaceOutdated(context, app)
  const live = instancesOf(machine, id).filter((instance) => instance.goal === 'Running')
  const tooMany = inOrderOfDeath(live, killSelection).slice(0, Math.max(0, live.length - wanted))
  for (const instance of tooMany) stopInstance(context, instance)
  for (let count = live.length; count < wanted; count++) scheduleInstance(machine, current)
  if (deployment && isScaled(context, app)) finishAction(machine, deployment, id)
}

function isScaled({ machine, readiness }: Converging, app: App): boolean {
  const { id, instances: wanted } = app.current.definition
  const all = instancesOf(machine, id)
  const serving = all.filter(
    (one) => one.goal === 'Running' && machine.health.isServing(one) && readiness.isReady(one, app),
  )
  return all.length === wanted && serving.length === wanted
}

/** A waiting instance of an older config (an upgrade was broken off) would launch what nobody wants any more. */
function replaceOutdated({ machine }: Converging, app: App): void {
  for (const instance of instancesOf(machine, app.current.definition.id)) {
    if (isScheduled(instance) && instance.configVersion !== app.current.lastConfigChangeAt)
      forgetInstance(machine, instance)
  }
}

function roll(context: Converging, app: App, deployment: Deployment): void {
  const { machine, readiness } = context
  const { current } = app
  const { id, instances: wanted, upgradeStrategy, killSelection } = current.definition
  replaceOutdated(context, app)
  const all = instancesOf(machine, id)
  const isFresh = (one: Instance) => one.configVersion === current.lastConfigChangeAt
  const old = all.filter((one) => !isFresh(one) && one.goal === 'Running')
  let limits = deployment.limits[id]
  if (!limits) {
    const live = all.filter((one) => one.goal === 'Running')
    const serving = live.filter((one) => machine.health.isServing(one)).length
    limits = rollingLimits(wanted, upgradeStrategy, live.length, serving, old.length)
    deployment.limits[id] = limits
    forgetDelay(machine, id)
    saveDeployment(machine, deployment)
  }
  const fresh = all.filter((one) => isFresh(one) && one.goal === 'Running')
  const state = {
    wanted,
    oldKept: old.length,
    oldActive: all.filter((one) => !isFresh(one)).length,
    fresh: fresh.length,
    ready: fresh.filter((one) => machine.health.isServing(one) && readiness.isReady(one, app)).length,
  }
  const moves = rollingMoves(limits, state)
  const unhealthyFirst = inOrderOfDeath(old, killSelection).sort(
    (a, b) => Number(machine.health.isServing(a)) - Number(machine.health.isServing(b)),
  )
  for (const instance of unhealthyFirst.slice(0, moves.stop)) stopInstance(context, instance)
  for (let count = 0; count < moves.start; count++) scheduleInstance(machine, current)
  for (const instance of inOrderOfDeath(fresh, killSelection).slice(0, Math.max(0, fresh.length - wanted))) {
    stopInstance(context, instance)
  }
  if (isRolled(state)) finishAction(machine, deployment, id)
}
