import { createDoor, type Door, pathOf } from '../transport/door.ts'
import { createTransport } from '../transport/transport.ts'
import type { Claim, ClaimAnswer, EventBatch, Order, Result } from '../wire/attempt.ts'
import type { Publication } from '../wire/version.ts'

/** What one attempt may write. Every call may be repeated: what is stored already changes nothing. */
export interface AttemptClient {
  /** Appends events. @throws EVENTS_GAP (fields.want: the number wanted), ATTEMPT_FENCED */
  events(batch: EventBatch, signal?: AbortSignal): Promise<{ next: number }>
  /** Appends output of a step at `offset`, in bytes. @throws OUTPUT_GAP (fields.want: the offset wanted), ATTEMPT_FENCED */
  output(step: string, offset: number, bytes: Buffer, signal?: AbortSignal): Promise<{ next: number }>
  /** A sign of life that waits up to `waitMs` for an order. @throws ATTEMPT_FENCED */
  beat(waitMs: number, signal?: AbortSignal): Promise<Order>
  /** The result, once all events and output are stored. @throws RESULT_INCOMPLETE, ATTEMPT_FENCED */
  result(result: Result, signal?: AbortSignal): Promise<void>
  /** Stores the bytes of the version this meta-build was started for. Answers the digest of what arrived. */
  publishBundle(key: string, bytes: Buffer, signal?: AbortSignal): Promise<{ digest: string }>
  /** Makes the version ready. The bytes have to be there. */
  publish(key: string, publication: Publication, signal?: AbortSignal): Promise<void>
}

/** How a run-once process reaches its controller. */
export interface AttemptLink {
  /** Presents the ticket. The same nonce may be repeated. @throws TICKET_UNKNOWN, CLAIM_TAKEN, ATTEMPT_FENCED, BUILD_KILLED */
  claim(claim: Claim, signal?: AbortSignal): Promise<ClaimAnswer>
  /** The writes of one attempt, with the token of its claim. */
  as(token: string, pipeline: string, number: number, attempt: number): AttemptClient
  close(): void
}

/** Light on purpose: it loads `node:http` and nothing else before the first step. */
export function createAttemptClient(options: { url: string; timeoutMs?: number }): AttemptLink {
  const transport = createTransport(options)
  return {
    claim: (json, signal) =>
      createDoor(transport).json<ClaimAnswer>({ method: 'POST', path: '/api/claims', json, repeatable: true, signal }),
    as: (token, pipeline, number, attempt) => attemptCalls(createDoor(transport, token), pipeline, number, attempt),
    close: transport.close,
  }
}

/** The calls about one attempt, through any door. */
export function attemptCalls(door: Door, pipeline: string, number: number, attempt: number): AttemptClient {
  const at = pathOf`/api/builds/${pipeline}/${number}/attempts/${attempt}`
  return {
    events: (json, signal) => door.json({ method: 'POST', path: `${at}/events`, json, repeatable: true, signal }),
    output: (step, offset, bytes, signal) => {
      const path = `${at}${pathOf`/output/${step}?offset=${offset}`}`
      return door.json({ method: 'POST', path, bytes, repeatable: true, signal })
    },
    beat: (waitMs, signal) =>
      door.json({ method: 'POST', path: `${at}/beat`, json: { waitMs }, waitMs, repeatable: true, signal }),
    result: (json, signal) => door.tell({ method: 'POST', path: `${at}/result`, json, repeatable: true, signal }),
    publishBundle: (key, bytes, signal) =>
      door.json({ method: 'PUT', path: pathOf`/api/versions/${key}/bundle`, bytes, repeatable: true, signal }),
    publish: (key, json, signal) =>
      door.tell({ method: 'PUT', path: pathOf`/api/versions/${key}`, json, repeatable: true, signal }),
  }
}
