/** A clock that stands still until it is told to go on: then it is at once the moment of its next timer. */
export interface VirtualClock {
  readonly nowMs: number
  /** Calls `then` when so many ms have passed here. @returns a function that calls it off */
  after(ms: number, then: () => void): () => void
  /** Goes to the next timer and rings it. @returns false when there is none */
  goOn(): boolean
}

export function createVirtualClock(): VirtualClock {
  const timers = new Set<{ readonly atMs: number; readonly then: () => void }>()
  let nowMs = 0
  return {
    get nowMs() {
      return nowMs
    },
    after(ms, then) {
      const timer = { atMs: nowMs + ms, then }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    goOn() {
      // Of those of one moment the one that was set first: a Set keeps the order.
      let next: { readonly atMs: number; readonly then: () => void } | undefined
      for (const timer of timers) if (next === undefined || timer.atMs < next.atMs) next = timer
      if (next === undefined) return false
      timers.delete(next)
      nowMs = next.atMs
      next.then()
      return true
    },
  }
}
