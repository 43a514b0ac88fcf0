import type { Readiness } from '../health/readiness.ts'
import type { Deployment } from './deployment.ts'

/** A running deployment. Marathon: DeploymentStepInfo. */
export function showDeployment(deployment: Deployment, readiness: Readiness) {
  const { id, version, appId, steps, currentStep } = deployment
  const actions = steps[currentStep - 1]?.actions ?? []
  return {
    id,
    version,
    affectedApps: [appId],
    affectedPods: [],
    steps,
    currentActions: actions.map((action) => ({ ...action, readinessCheckResults: readiness.list(appId) })),
    currentStep,
    totalSteps: steps.length,
  }
}
