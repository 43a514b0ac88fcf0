import type { Readiness } from '../health/readiness.ts'
import { appsOf, type Deployment } from './deployment.ts'

/** A running deployment. Marathon: DeploymentStepInfo. */
export function showDeployment(deployment: Deployment, readiness: Readiness) {
  const { id, version, steps, currentStep } = deployment
  const actions = steps[currentStep - 1]?.actions ?? []
  return {
    id,
    version,
    affectedApps: appsOf(deployment),
    affectedPods: [],
    steps,
    currentActions: actions.map((action) => ({ ...action, readinessCheckResults: readiness.list(action.app) })),
    currentStep,
    totalSteps: steps.length,
  }
}
