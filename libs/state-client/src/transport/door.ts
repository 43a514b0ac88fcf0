import { BatonError, type ErrorKind, errorKinds, isBatonError } from '@baton/model'
import { stateErrors } from '../errors.ts'
import { type Answer, type Call, type Transport, unreachable } from './transport.ts'

/** Asks as one caller, and turns every no into an error that says so. */
export interface Door {
  /** The answer's JSON; `undefined` for 204. @throws what the controller says, STATE_UNREACHABLE */
  json<T>(call: Call): Promise<T>
  /** As `json`, for an answer nobody reads. */
  tell(call: Call): Promise<void>
  /** The answer as it came, if it is a yes. */
  raw(call: Call): Promise<Answer>
}

/** A door over `transport` that shows `token` and ends its calls when `signal` aborts. */
export function createDoor(transport: Transport, token?: string, signal?: AbortSignal): Door {
  const raw = async (call: Call): Promise<Answer> => {
    const answer = await transport.ask({ ...call, token: call.token ?? token, signal: joined(signal, call.signal) })
    if (answer.status >= 200 && answer.status < 300) return answer
    throw readNo(transport.url, answer.status, answer.body)
  }
  return {
    raw,
    tell: async (call) => void (await raw(call)),
    json: async <T>(call: Call): Promise<T> => {
      const answer = await raw(call)
      if (answer.status === 204) return undefined as T
      try {
        return JSON.parse(answer.body.toString('utf8')) as T
      } catch (error) {
        const { url } = transport
        throw stateErrors.STATE_ANSWER_UNREADABLE({ url, status: answer.status, why: 'it is not JSON' }, error)
      }
    },
  }
}

function joined(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a && b ? AbortSignal.any([a, b]) : (a ?? b)
}

const kindOfStatus = new Map<number, ErrorKind>(
  (Object.keys(errorKinds) as ErrorKind[]).map((kind) => [errorKinds[kind].status, kind]),
)

/** The error of an answer that is a no: the controller's own if it carries a code, otherwise by its status. */
export function readNo(url: string, status: number, body: Buffer): Error {
  const problem = findProblem(body)
  if (problem !== undefined) {
    const kind = kindOfStatus.get(status) ?? (status >= 500 ? 'unavailable' : 'invalid')
    const { code, detail, fields, hint } = problem
    return new BatonError(code, kind, detail ?? code, { fields: fields ?? {}, hint: hint ?? undefined })
  }
  // 502, 503 and 504 without a code come from whatever stands in between: nobody of ours answered.
  if (status >= 502 && status <= 504) return unreachable(url, new Error(`answered ${status} in its place`))
  return stateErrors.STATE_ANSWER_UNREADABLE({ url, status, why: 'it names no code' })
}

interface ProblemBody {
  readonly code: string
  readonly detail?: string
  readonly hint?: string | null
  readonly fields?: Record<string, unknown>
}

function findProblem(body: Buffer): ProblemBody | undefined {
  try {
    const value = JSON.parse(body.toString('utf8')) as Partial<ProblemBody> | null
    return typeof value?.code === 'string' ? (value as ProblemBody) : undefined
  } catch {
    return undefined
  }
}

/** The value of `call`, or `undefined` when the controller knows no such thing. An unknown route stays an error. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isBatonError(error) && error.kind === 'missing' && error.code !== 'ROUTE_UNKNOWN') return undefined
    throw error
  }
}

/** `?a=1&b=2` of what is given; nothing of nothing. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

/** A path with every part percent-encoded: `todo/deploy` is one part. */
export function pathOf(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.reduce((path, part, at) => path + encodeURIComponent(String(values[at - 1])) + part)
}
