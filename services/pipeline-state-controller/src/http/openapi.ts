import { errorKinds } from '@baton/model'
import type { Service } from '@baton/service-kit'
import swagger from '@fastify/swagger'

declare module 'fastify' {
  interface FastifySchema {
    /** What a route answers, by status. For the description alone: answers are not cut down to it. */
    answers?: Readonly<Record<number, unknown>>
  }
}

const title = 'Pipeline-State-Controller'

/** Describes every route that is added after it, at GET /openapi.json. */
export async function addOpenApi(service: Service, version: string): Promise<void> {
  await service.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title,
        version,
        description: `Errors are application/problem+json with a code: ${Object.values(errorKinds)
          .map(({ status }) => status)
          .join(', ')}.`,
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url }) => {
      const { answers, ...described } = (schema ?? {}) as { answers?: Record<string, object> }
      const response = Object.fromEntries(
        Object.entries(answers ?? {}).map(([status, body]) => [status, { ...body, description: 'done' }]),
      )
      return { schema: { ...described, ...(answers === undefined ? {} : { response }) }, url }
    },
  })
  service.get('/openapi.json', { config: { access: 'open' }, schema: { hide: true } as object }, async () =>
    service.swagger(),
  )
}
