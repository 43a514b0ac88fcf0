import type { FastifyInstance } from 'fastify'
import type { Api } from './api.ts'
import { showInfo } from './info.ts'
import { showMetrics } from './metrics.ts'
import { addRoute } from './route.ts'

/** What this server says about itself. */
export function addSystemRoutes(server: FastifyInstance, api: Api): void {
  const { machine } = api
  const leader = () => `${machine.settings.taskHost}:${machine.settings.port}`
  addRoute(server, '/', { GET: (_, reply) => reply.redirect('/ui/', 302) })
  addRoute(server, '/ping', { GET: (_, reply) => reply.type('text/plain;charset=utf-8').send('pong') })
  addRoute(server, '/v2/info', { GET: () => showInfo(machine.settings) })
  addRoute(server, '/v2/plugins', { GET: () => ({ plugins: [] }) })
  addRoute(server, '/metrics', { GET: () => showMetrics(machine) })
  addRoute(server, '/status', {
    GET: () => ({ closedServicePorts: api.servicePorts.listClosed(), apps: machine.apps.size }),
  })
  addRoute(server, '/v2/leader', {
    GET: () => ({ leader: leader() }),
    /** There is nobody to follow: this server is elected again, and forgets what a new leader would not know. */
    DELETE() {
      setImmediate(api.abdicate)
      return { message: 'Leadership abdicated' }
    },
  })
}
