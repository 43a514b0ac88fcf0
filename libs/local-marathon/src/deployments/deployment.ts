import { randomUUID } from 'node:crypto'
import { keys, type Machine } from '../machine.ts'
import type { RollingLimits } from './rolling.ts'

export type ActionName = 'StartApplication' | 'ScaleApplication' | 'RestartApplication' | 'StopApplication'
export type DeploymentKind = 'start' | 'scale' | 'restart' | 'stop' | 'nothing'

export interface Step {
  readonly actions: readonly { readonly action: ActionName; readonly app: string }[]
}

/** A running change of one app. It lives until it is done or overridden; it has no time limit, as in Marathon. */
export interface Deployment {
  readonly id: string
  readonly version: string
  readonly appId: string
  readonly kind: DeploymentKind
  readonly steps: readonly Step[]
  /** From 1. */
  currentStep: number
  limits?: RollingLimits
}

const plans: Readonly<Record<DeploymentKind, readonly ActionName[]>> = {
  start: ['StartApplication', 'ScaleApplication'],
  scale: ['ScaleApplication'],
  restart: ['RestartApplication'],
  stop: ['StopApplication'],
  nothing: [],
}

export function deploymentsOf(machine: Machine, appId: string): Deployment[] {
  return [...machine.deployments.values()].filter((deployment) => deployment.appId === appId)
}

/** Notes a change and tells of it. One without steps is done at once. */
export function beginDeployment(machine: Machine, appId: string, kind: DeploymentKind, version: string): Deployment {
  const steps = plans[kind].map((action) => ({ actions: [{ action, app: appId }] }))
  const deployment: Deployment = {
    id: randomUUID(),
    version,
    appId,
    kind,
    steps,
    currentStep: Math.min(1, steps.length),
  }
  machine.events.emit('group_change_success', { groupId: groupOf(appId), version })
  if (kind === 'nothing') {
    machine.events.emit('deployment_success', { id: deployment.id, plan: planOf(deployment) })
    return deployment
  }
  saveDeployment(machine, deployment)
  machine.events.emit('deployment_info', stepFields(deployment))
  // Starting an app launches nothing yet: that step is done as soon as it began.
  if (kind === 'start') nextStep(machine, deployment)
  return deployment
}

function nextStep(machine: Machine, deployment: Deployment): void {
  machine.events.emit('deployment_step_success', stepFields(deployment))
  deployment.currentStep += 1
  saveDeployment(machine, deployment)
  machine.events.emit('deployment_info', stepFields(deployment))
}

export function finishDeployment(machine: Machine, deployment: Deployment): void {
  forgetDeployment(machine, deployment)
  machine.events.emit('deployment_step_success', stepFields(deployment))
  machine.events.emit('deployment_success', { id: deployment.id, plan: planOf(deployment) })
  machine.log.info({ deploymentId: deployment.id, appId: deployment.appId, kind: deployment.kind }, 'deployment done')
}

/** Stops a deployment where it is, leaving whatever mix of tasks exists. */
export function cancelDeployment(machine: Machine, deployment: Deployment): void {
  forgetDeployment(machine, deployment)
  const reason = 'The upgrade has been cancelled'
  machine.events.emit('deployment_failed', { id: deployment.id, plan: planOf(deployment), reason })
  machine.log.info({ deploymentId: deployment.id, appId: deployment.appId }, 'deployment cancelled')
}

export function saveDeployment(machine: Machine, deployment: Deployment): void {
  machine.deployments.set(deployment.id, deployment)
  machine.store.set(keys.deployment(deployment.id), deployment)
}

function forgetDeployment(machine: Machine, deployment: Deployment): void {
  machine.deployments.delete(deployment.id)
  machine.store.set(keys.deployment(deployment.id), null)
}

function planOf({ id, version, steps }: Deployment) {
  return { id, version, steps }
}

function stepFields(deployment: Deployment) {
  return { plan: planOf(deployment), currentStep: deployment.steps[deployment.currentStep - 1] ?? { actions: [] } }
}

function groupOf(appId: string): string {
  return appId.slice(0, appId.lastIndexOf('/')) || '/'
}
