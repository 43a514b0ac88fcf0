import AjvCompiler from '@fastify/ajv-compiler'

const buildCompiler = AjvCompiler()
type Options = NonNullable<Parameters<typeof buildCompiler>[1]>

/**
 * Compiles schemas as Fastify does, but a JSON body is taken as it is typed. Fastify turns values into what a schema
 * names first, which is right for a query, where everything is text. In a body it makes `null` an empty text wherever
 * text may stand too, and a number its digits.
 */
export const buildValidator: typeof buildCompiler = (externalSchemas, options) => {
  const { customOptions, ...rest } = (options ?? {}) as Options
  const asSent = { ...rest, customOptions: { ...customOptions, coerceTypes: false } } as Options
  const lenient = buildCompiler(externalSchemas, options)
  const strict = buildCompiler(externalSchemas, asSent)
  return ((route: { httpPart?: string }) =>
    (route.httpPart === 'body' ? strict : lenient)(route as never)) as unknown as ReturnType<typeof buildCompiler>
}
