import type { StateEvent } from '@baton/state-client'

export type Listener = (events: readonly StateEvent[]) => void

/** Hands committed events to those who follow them in this process, in the order of their ids. */
export interface Hub {
  publish(events: readonly StateEvent[]): void
  /** @returns stops listening */
  listen(listener: Listener): () => void
  readonly listeners: number
}

export function createHub(): Hub {
  const listeners = new Set<Listener>()
  return {
    publish(events) {
      for (const listener of [...listeners]) listener(events)
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get listeners() {
      return listeners.size
    },
  }
}
