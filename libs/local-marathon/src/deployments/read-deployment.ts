import type { Deployment } from './deployment.ts'
import type { RollingLimits } from './rolling.ts'

/** As it was written before a deployment could change several apps. */
interface SingleAppDeployment extends Omit<Deployment, 'done' | 'limits'> {
  readonly appId: string
  readonly limits?: RollingLimits
}

/** A deployment as an earlier server may have written it. */
export function readDeployment(stored: Deployment | SingleAppDeployment): Deployment {
  if (!('appId' in stored)) return stored
  const { id, version, steps, currentStep, appId, limits } = stored
  return { id, version, steps, currentStep, done: [], limits: limits ? { [appId]: limits } : {} }
}
