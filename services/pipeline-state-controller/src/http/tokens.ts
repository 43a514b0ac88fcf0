import type { Service } from '@baton/service-kit'
import { MadeToken, Me, NewToken, Token } from '@baton/state-client/wire'
import { Type } from 'typebox'
import { sessionCookie } from './access.ts'
import { type RouteParts, typed } from './routes.ts'

/** Who may ask, and how a browser becomes somebody. */
export function addTokenRoutes(service: Service, { ports, now }: RouteParts): void {
  const routes = typed(service)
  const { tokens } = ports

  routes.get('/api/me', { config: { access: 'read' }, schema: { answers: { 200: Me } } }, async ({ caller }) => ({
    name: caller.name,
    role: caller.role,
  }))
  routes.get('/api/tokens', { schema: { answers: { 200: Type.Array(Token) } } }, async () => await tokens.list(now()))
  routes.post('/api/tokens', { schema: { body: NewToken, answers: { 201: MadeToken } } }, async ({ body }, reply) =>
    reply.code(201).send(await tokens.add(body, now())),
  )
  routes.delete(
    '/api/tokens/:id',
    { schema: { params: Type.Object({ id: Type.String({ maxLength: 100 }) }) } },
    async ({ params }, reply) => {
      await tokens.remove(params.id, now())
      return reply.code(204).send()
    },
  )
  routes.post(
    '/api/login-links',
    { schema: { answers: { 201: Type.Object({ path: Type.String() }) } } },
    async ({ caller }, reply) =>
      reply.code(201).send({ path: `/login?key=${encodeURIComponent(await tokens.makeLink(caller.name, now()))}` }),
  )
  routes.get(
    '/login',
    { config: { access: 'open' }, schema: { querystring: Type.Object({ key: Type.String({ maxLength: 200 }) }) } },
    async ({ query }, reply) => {
      const session = await tokens.useLink(query.key, now())
      return reply
        .header('set-cookie', `${sessionCookie}=${session}; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200`)
        .header('cache-control', 'no-store')
        .redirect('/', 303)
    },
  )
}
