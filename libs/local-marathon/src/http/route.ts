import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from './refusal.ts'

export type Answer = (request: FastifyRequest, reply: FastifyReply) => unknown

/** What a path answers, by method. The others are 405, as Jersey says it; HEAD is GET without its body. */
export function addRoute(server: FastifyInstance, url: string, methods: Readonly<Record<string, Answer>>): void {
  server.all(url, async (request, reply) => methodOf(request, reply, methods)(request, reply))
}

/** @throws 405 for a method that is not there */
export function methodOf<T>(request: FastifyRequest, reply: FastifyReply, methods: Readonly<Record<string, T>>): T {
  const found = methods[request.method === 'HEAD' ? 'GET' : request.method]
  if (found) return found
  reply.header('allow', Object.keys(methods).join(','))
  throw new Refusal(405, { message: 'Method Not Allowed' })
}

/** What stands for the `*` of a route's path. */
export function restOf(request: FastifyRequest): string {
  return (request.params as { '*': string })['*']
}
