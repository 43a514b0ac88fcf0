import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { cancelDeployment, type Deployment } from '../deployments/deployment.ts'
import { wishToRevert } from '../deployments/revert.ts'
import { showDeployment } from '../deployments/show-deployment.ts'
import type { Api } from './api.ts'
import { sendDeployment } from './deployment-result.ts'
import { Query } from './query.ts'
import { Refusal, refuseMissing } from './refusal.ts'
import { addRoute } from './route.ts'

/** Running deployments, and how to stop one. */
export function addDeploymentRoutes(server: FastifyInstance, api: Api): void {
  addRoute(server, '/v2/deployments', {
    GET: () => [...api.machine.deployments.values()].map((one) => showDeployment(one, api.readiness)),
  })
  addRoute(server, '/v2/deployments/:id', { DELETE: (request, reply) => stop(api, request, reply) })
}

/** With force it stops where it is; without, another deployment takes it back. */
async function stop(api: Api, request: FastifyRequest, reply: FastifyReply) {
  const { id } = request.params as { id: string }
  const deployment = api.machine.deployments.get(id)
  if (!deployment) throw refuseMissing(`DeploymentPlan ${id}`)
  if (!new Query(request.url).isTrue('force')) return rollBack(api, deployment, reply)
  cancelDeployment(api.machine, deployment)
  await api.machine.store.durable()
  return reply.code(202).send()
}

async function rollBack({ machine, root }: Api, { version }: Deployment, reply: FastifyReply) {
  const change = machine.changes.get(version)
  if (!change) throw new Refusal(422, { message: `What the deployment of ${version} changed is not kept any more` })
  return sendDeployment(reply, await root.update(() => wishToRevert(machine, change), { force: true }))
}
