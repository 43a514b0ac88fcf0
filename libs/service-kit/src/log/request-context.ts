import { AsyncLocalStorage } from 'node:async_hooks'

let current: AsyncLocalStorage<string | undefined> | undefined

/**
 * From now on this process knows which request its code runs for. Clients of other services take the answer as their
 * `requestId` and hand it on; lines of the service's own log carry it too. A service that calls nobody need not ask: Node
 * 20 follows every promise for it.
 * @returns the id of the request that the caller runs for, if it is one
 */
export function trackRequestIds(): () => string | undefined {
  current ??= new AsyncLocalStorage()
  return findRequestId
}

export function findRequestId(): string | undefined {
  return current?.getStore()
}

/** Runs `work`, and all that it starts, for this request. */
export function withRequestId<T>(id: string, work: () => T): T {
  return current === undefined ? work() : current.run(id, work)
}

/** Runs what outlives the request that happened to start it: a loop, its next round. */
export function withoutRequest<T>(work: () => T): T {
  return current === undefined ? work() : current.run(undefined, work)
}
