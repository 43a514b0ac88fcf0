import { errors } from '../errors.ts'
import type { Answer, Transport } from './transport.ts'

/** The JSON of an answer that is no error. @throws the code that says what the no is */
export function readAnswer<T>(transport: Transport, answer: Answer): T {
  if (answer.status >= 200 && answer.status < 300) return readJson(transport, answer) as T
  throw toError(transport, answer)
}

function readJson(transport: Transport, answer: Answer): unknown {
  if (answer.body.length === 0) return undefined
  try {
    return JSON.parse(answer.body.toString('utf8'))
  } catch (error) {
    throw transport.unreachable(
      new Error('the answer is no JSON; something else than Marathon answers there', { cause: error }),
    )
  }
}

/** Marathon's versions disagree on 400 and 422, so both are the same no; the body tells a lock from a name that is taken. */
export function toError(transport: Transport, answer: Answer): Error {
  const { status } = answer
  const reason = reasonOf(answer)
  const url = transport.url.replace(/\/\/[^/@]*@/, '//***@')
  if (status === 401) return errors.MARATHON_UNAUTHORIZED({ url, status })
  if (status === 403 && /running deployments/i.test(reason)) return errors.MARATHON_FULL({ reason })
  if (status === 403) return errors.MARATHON_UNAUTHORIZED({ url, status })
  if (status === 404) return errors.MARATHON_MISSING({ reason })
  if (status === 409) return errors.MARATHON_LOCKED({ reason })
  if (status >= 500) return errors.MARATHON_UNREACHABLE({ url, reason: `${status} ${reason}` })
  return errors.MARATHON_REFUSED({ status, reason })
}

/** A POST whose id is taken: Marathon says 409 for that and for a lock, and only the words differ. */
export function isTaken(answer: Answer): boolean {
  return answer.status === 409 && /already exists/i.test(reasonOf(answer))
}

const reasonCharsMax = 2_000

/** Message and details as one text; details may be a list or a text, the body may be HTML of a proxy. */
export function reasonOf(answer: Answer): string {
  const text = answer.body.toString('utf8')
  try {
    const { message, details } = JSON.parse(text) as { message?: unknown; details?: unknown }
    return [message ?? '', ...toLines(details)].join('; ').slice(0, reasonCharsMax)
  } catch {
    return text
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 200)
  }
}

function toLines(details: unknown): string[] {
  if (details === undefined || details === null) return []
  if (!Array.isArray(details)) return [String(details)]
  return details.map(
    (detail: { path?: string; errors?: unknown[] }) => `${detail.path ?? ''}: ${(detail.errors ?? []).join(', ')}`,
  )
}
