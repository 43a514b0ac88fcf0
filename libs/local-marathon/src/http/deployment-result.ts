import type { FastifyReply } from 'fastify'
import type { Deployment } from '../deployments/deployment.ts'
import type { Settings } from '../settings.ts'

/** What every call that deploys answers. Marathon: DeploymentResult. */
export function sendDeployment(
  reply: FastifyReply,
  { id, version }: Deployment,
): { version: string; deploymentId: string } {
  reply.header('marathon-deployment-id', id)
  return { version, deploymentId: id }
}

/** Marathon builds it from the bare id, so it leads nowhere; clients must not follow it. */
export function locationOf({ taskHost, port }: Settings, id: string): string {
  return `http://${taskHost}:${port}${id}`
}
