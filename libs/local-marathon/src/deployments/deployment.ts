import { randomUUID } from 'node:crypto'
import { keys, type Machine } from '../machine.ts'
import type { ActionName, Step } from './plan.ts'
import type { RollingLimits } from './rolling.ts'

/** A running change of apps. It lives until it is done or overridden; it has no time limit, as in Marathon. */
export interface Deployment {
  readonly id: string
  readonly version: string
  readonly steps: readonly Step[]
  /** From 1. */
  currentStep: number
  /** Apps whose action of the current step is done. */
  done: string[]
  /** What each rolling upgrade decided when it began. */
  limits: Record<string, RollingLimits>
}

/** Every app that a deployment changes; it is locked until the deployment is over. */
export function appsOf({ steps }: Pick<Deployment, 'steps'>): string[] {
  return [...new Set(steps.flatMap((step) => step.actions.map((action) => action.app)))]
}

export function deploymentsOf(machine: Machine, appId: string): Deployment[] {
  return [...machine.deployments.values()].filter(({ steps }) =>
    steps.some((step) => step.actions.some((action) => action.app === appId)),
  )
}

/** What a deployment does with an app just now: an action, nothing yet, or nothing any more. */
export function turnOf(deployment: Deployment | undefined, appId: string): ActionName | 'waiting' | 'over' {
  if (!deployment) return 'over'
  const isIn = (step: Step | undefined) => step?.actions.find((action) => action.app === appId)
  const now = isIn(deployment.steps[deployment.currentStep - 1])
  if (now && !deployment.done.includes(appId)) return now.action
  return deployment.steps.slice(deployment.currentStep).some(isIn) ? 'waiting' : 'over'
}

/** Notes a change and tells of it. One without steps is done at once. */
export function beginDeployment(
  machine: Machine,
  steps: readonly Step[],
  { version, groupId }: { version: string; groupId: string },
): Deployment {
  const deployment: Deployment = { id: randomUUID(), version, steps, currentStep: 0, done: [], limits: {} }
  machine.events.emit('group_change_success', { groupId, version })
  if (steps.length === 0) machine.events.emit('deployment_success', { id: deployment.id, plan: planOf(deployment) })
  else enterStep(machine, deployment)
  return deployment
}

function enterStep(machine: Machine, deployment: Deployment): void {
  deployment.currentStep += 1
  const actions = deployment.steps[deployment.currentStep - 1]?.actions ?? []
  // Starting an app launches nothing yet: that is done as soon as it began.
  deployment.done = actions.flatMap(({ action, app }) => (action === 'StartApplication' ? [app] : []))
  saveDeployment(machine, deployment)
  machine.events.emit('deployment_info', stepFields(deployment))
  for (const { app } of actions) machine.touch(app)
  if (deployment.done.length === actions.length) finishStep(machine, deployment)
}

/** The app's part of the current step is done; with the last one of the step the next begins. */
export function finishAction(machine: Machine, deployment: Deployment, appId: string): void {
  deployment.done.push(appId)
  const actions = deployment.steps[deployment.currentStep - 1]?.actions ?? []
  if (deployment.done.length === actions.length) finishStep(machine, deployment)
  else saveDeployment(machine, deployment)
}

function finishStep(machine: Machine, deployment: Deployment): void {
  machine.events.emit('deployment_step_success', stepFields(deployment))
  if (deployment.currentStep < deployment.steps.length) enterStep(machine, deployment)
  else finishDeployment(machine, deployment)
}

function finishDeployment(machine: Machine, deployment: Deployment): void {
  forgetDeployment(machine, deployment)
  machine.events.emit('deployment_success', { id: deployment.id, plan: planOf(deployment) })
  machine.log.info({ deploymentId: deployment.id, appIds: appsOf(deployment) }, 'deployment done')
}

/** Stops a deployment where it is, leaving whatever mix of tasks exists. */
export function cancelDeployment(machine: Machine, deployment: Deployment): void {
  forgetDeployment(machine, deployment)
  const reason = 'The upgrade has been cancelled'
  machine.events.emit('deployment_failed', { id: deployment.id, plan: planOf(deployment), reason })
  machine.log.info({ deploymentId: deployment.id, appIds: appsOf(deployment) }, 'deployment cancelled')
}

export function saveDeployment(machine: Machine, deployment: Deployment): void {
  machine.deployments.set(deployment.id, deployment)
  machine.store.set(keys.deployment(deployment.id), deployment)
}

function forgetDeployment(machine: Machine, deployment: Deployment): void {
  machine.deployments.delete(deployment.id)
  machine.store.set(keys.deployment(deployment.id), null)
  for (const appId of appsOf(deployment)) machine.touch(appId)
}

function planOf({ id, version, steps }: Deployment) {
  return { id, version, steps }
}

function stepFields(deployment: Deployment) {
  return { plan: planOf(deployment), currentStep: deployment.steps[deployment.currentStep - 1] ?? { actions: [] } }
}
