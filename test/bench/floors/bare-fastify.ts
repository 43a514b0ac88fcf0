// The route of the kit's example, on Fastify alone: what a service's speed is held against.
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'

const service = Fastify()
service.get<{ Params: { who: string } }>('/hello/:who', async ({ params }) => ({ says: `hello ${params.who}` }))
await service.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ port: (service.server.address() as AddressInfo).port }))
