import type { FastifyInstance } from 'fastify'
import { cancelDeployment } from '../deployments/deployment.ts'
import { showDeployment } from '../deployments/show-deployment.ts'
import { streamEvents } from '../events/stream.ts'
import { forgetDelay } from '../queue/delays.ts'
import { showQueue } from '../queue/show-queue.ts'
import type { Api } from './api.ts'
import { showInfo } from './info.ts'
import { Query } from './query.ts'
import { Refusal, refuseMissing } from './refusal.ts'

/** Deployments, queue, events, and what this server says about itself. */
export function addClusterRoutes(server: FastifyInstance, api: Api): void {
  const { machine } = api
  server.get('/ping', async (_request, reply) => reply.type('text/plain').send('pong'))
  server.get('/v2/info', async () => showInfo(machine.settings))
  server.get('/v2/leader', async () => ({ leader: `${machine.settings.taskHost}:${machine.settings.port}` }))
  server.get('/v2/queue', async () => showQueue(machine))
  server.get('/status', async () => ({ closedServicePorts: api.servicePorts.listClosed(), apps: machine.apps.size }))
  server.get('/v2/deployments', async () =>
    [...machine.deployments.values()].map((one) => showDeployment(one, api.readiness)),
  )

  server.delete<{ Params: { id: string } }>('/v2/deployments/:id', async (request, reply) => {
    const deployment = machine.deployments.get(request.params.id)
    if (!deployment) throw refuseMissing(`DeploymentPlan ${request.params.id}`)
    const isForced = new Query(request.url).isTrue('force')
    if (!isForced)
      throw new Refusal(422, {
        message: 'The local Marathon stops deployments only with force=true; it does not roll back',
      })
    cancelDeployment(machine, deployment)
    machine.touch(deployment.appId)
    await machine.store.durable()
    return reply.code(202).send()
  })

  server.delete<{ Params: { '*': string } }>('/v2/queue/*', async (request, reply) => {
    const appId = `/${request.params['*'].replace(/\/delay$/, '')}`
    if (!machine.apps.has(appId)) throw new Refusal(404, { message: `Application ${appId} not found in tasks queue.` })
    forgetDelay(machine, appId)
    machine.touch(appId)
    await machine.store.durable()
    return reply.code(204).send()
  })

  server.get('/v2/events', async (request, reply) => {
    // Jetty compares the whole header line, so a list that contains the type is refused as well.
    if (request.headers.accept !== 'text/event-stream') throw new Refusal(405, { message: 'Method Not Allowed' })
    reply.hijack()
    const headers = { ...reply.getHeaders(), 'content-type': 'text/event-stream;charset=utf-8' }
    reply.raw.writeHead(200, headers as Record<string, string>)
    reply.raw.flushHeaders()
    const over = streamEvents(reply.raw, machine.events, new Set(new Query(request.url).list('event_type')))
    const remoteAddress = request.ip
    machine.events.emit('event_stream_attached', { remoteAddress })
    void over.then(() => machine.events.emit('event_stream_detached', { remoteAddress }))
  })
}
