import { setMaxListeners } from 'node:events'
import { type AttemptClient, attemptCalls } from '../attempt/attempt-client.ts'
import { type FollowOptions, followEvents } from '../events/follow-events.ts'
import { createDoor } from '../transport/door.ts'
import { createTransport, type Transport, type TransportOptions } from '../transport/transport.ts'
import { type BuildCalls, buildCalls } from './build-calls.ts'
import { type RepositoryCalls, repositoryCalls } from './repository-calls.ts'
import { type TokenCalls, tokenCalls } from './token-calls.ts'
import { type VersionCalls, versionCalls } from './version-calls.ts'
import { type WorkCalls, workCalls } from './work-calls.ts'

/**
 * The State-Controller, as everybody but a run-once process sees it. Each no is a BatonError with the controller's code;
 * no answer at all is STATE_UNREACHABLE. Nothing is retried unless the caller does (see `repeat`).
 */
export interface StateClient extends RepositoryCalls, BuildCalls, VersionCalls, WorkCalls, TokenCalls {
  readonly url: string
  /** The same connections, another caller. */
  withToken(token: string): StateClient
  /** The same connections and caller; every call ends with the signal's reason when it aborts. */
  withSignal(signal: AbortSignal): StateClient
  /** The writes of one attempt: with that attempt's token, or with a service token what it left behind. */
  attempts(pipeline: string, number: number, attempt: number): AttemptClient
  /** Live events, resumed after each break. Resolves when the signal aborts. @throws a refusal that waiting does not change */
  followEvents(options: FollowOptions): Promise<void>
  /** Ends the connections that are kept. */
  close(): void
}

/** @param options.timeoutMs how long an answer may take, beyond what a long poll asks for; 15 s unless given */
export function createStateClient(options: TransportOptions & { readonly token?: string }): StateClient {
  return clientOver(createTransport(options), options.token, undefined)
}

function clientOver(transport: Transport, token: string | undefined, signal: AbortSignal | undefined): StateClient {
  // Each call that is under way listens to it: many are no leak.
  if (signal !== undefined) setMaxListeners(0, signal)
  const door = createDoor(transport, token, signal)
  return {
    ...repositoryCalls(door),
    ...buildCalls(door),
    ...versionCalls(door),
    ...workCalls(door),
    ...tokenCalls(door),
    url: transport.url,
    withToken: (other) => clientOver(transport, other, signal),
    withSignal: (other) => clientOver(transport, token, signal ? AbortSignal.any([signal, other]) : other),
    attempts: (pipeline, number, attempt) => attemptCalls(door, pipeline, number, attempt),
    followEvents: (follow) => followEvents(transport, token, follow),
    close: transport.close,
  }
}
