import { defineErrors, errorKinds, isBatonError } from '@baton/model'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

export const problemType = 'application/problem+json'

/** The body of every answer that is a no (RFC 9457). */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly hint?: string
  readonly fields?: Readonly<Record<string, unknown>>
  readonly requestId: string
}

export const serviceErrors = defineErrors({
  ROUTE_UNKNOWN: { kind: 'missing', says: 'there is no route {method} {path}' },
})

type Answer = Omit<Problem, 'type' | 'requestId'>

const refused = { title: errorKinds.invalid.title, status: 400 } as const

/** What Fastify itself refuses, by its error codes (Fastify, Reference/Errors). */
const refusals: Readonly<Record<string, Omit<Answer, 'detail'> & { readonly detail?: string }>> = {
  FST_ERR_VALIDATION: { ...refused, code: 'REQUEST_INVALID' },
  FST_ERR_BAD_URL: { ...refused, code: 'REQUEST_INVALID', detail: 'the path is not a valid URL path' },
  FST_ERR_CTP_INVALID_JSON_BODY: { ...refused, code: 'BODY_INVALID', detail: 'the body is not valid JSON' },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    ...refused,
    code: 'BODY_INVALID',
    detail: 'the body is empty, but JSON was announced',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    ...refused,
    code: 'BODY_INVALID',
    detail: 'the body is not as long as announced',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { title: 'The body is too large', status: 413, code: 'BODY_TOO_LARGE' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { title: 'The body has an unknown type', status: 415, code: 'BODY_TYPE_UNKNOWN' },
}

/** Answers any error as a problem. An unexpected one is logged here, once, with its cause, and answered without details. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = answerFor(error)
  if (answer.status >= 500 && answer.code === 'INTERNAL') request.log.error({ err: error }, 'request failed')
  else if (answer.status >= 500) request.log.warn({ err: error, code: answer.code }, 'request refused')
  else request.log.debug({ code: answer.code, detail: answer.detail }, 'request refused')
  return sendProblem(reply, answer)
}

export function answerUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.split('?', 1)[0] ?? ''
  return sendProblem(reply, answerFor(serviceErrors.ROUTE_UNKNOWN({ method: request.method, path })))
}

function sendProblem(reply: FastifyReply, answer: Answer): FastifyReply {
  const problem: Problem = { type: 'about:blank', ...answer, requestId: reply.request.id }
  // Serialized here: a route's own response schema would drop the fields it does not know.
  return reply.code(answer.status).type(problemType).serializer(JSON.stringify).send(problem)
}

function answerFor(error: unknown): Answer {
  if (isBatonError(error)) {
    const { status, title } = errorKinds[error.kind]
    const { code, message: detail, hint, fields } = error
    return {
      title,
      status,
      code,
      detail,
      ...(hint === undefined ? {} : { hint }),
      ...(hasAny(fields) ? { fields } : {}),
    }
  }
  return (
    refusalFor(error) ?? {
      title: 'Something went wrong here',
      status: 500,
      code: 'INTERNAL',
      detail: 'an unexpected error',
    }
  )
}

function refusalFor(error: unknown): Answer | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, validation, validationContext, statusCode, message } = error as Partial<FastifyError> & Error
  if (validation !== undefined) {
    const errors = validation.map((one) => ({
      where: `${validationContext ?? 'request'}${one.instancePath}`,
      message: sayWhat(one),
    }))
    const detail = errors.map(({ where, message }) => `${where} ${message}`).join('; ')
    return { ...refused, code: 'REQUEST_INVALID', detail, fields: { errors } }
  }
  const known = refusals[code ?? '']
  if (known !== undefined) return { detail: message, ...known }
  if (code?.startsWith('FST_') && statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return { title: errorKinds.invalid.title, status: statusCode, code: 'REQUEST_INVALID', detail: message }
  }
  return undefined
}

type SchemaError = NonNullable<FastifyError['validation']>[number]

/** Ajv's sentence with the word that it leaves out: the unknown property's name, the allowed values. */
function sayWhat({ keyword, message, params }: SchemaError): string {
  const sentence = message ?? 'is not valid'
  if (keyword === 'additionalProperties') return `${sentence}: '${params['additionalProperty']}'`
  if (keyword === 'enum' && Array.isArray(params['allowedValues']))
    return `${sentence}: ${params['allowedValues'].join(', ')}`
  return sentence
}

function hasAny(fields: object): boolean {
  return Object.keys(fields).length > 0
}
