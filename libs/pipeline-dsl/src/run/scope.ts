import type { Order } from './outcome.ts'

/** A part of the run that can be ordered to end; everything begun inside of it ends with it. */
export interface Scope {
  /** The first order that reached it. It does not change any more. */
  readonly order: Order | undefined
  /** Orders the end. Only the first order counts. */
  end(order: Order): void
  /** Calls `listener` when the end is ordered, or right now if it is already. @returns a function that forgets it */
  onEnd(listener: (order: Order) => void): () => void
}

/** A scope, inside of `parent` if there is one. Call `close` when what it was for is over. */
export function createScope(parent?: Scope): Scope & { close(): void } {
  const listeners = new Set<(order: Order) => void>()
  let order: Order | undefined
  const end = (given: Order): void => {
    if (order !== undefined) return
    order = given
    for (const listener of [...listeners]) listener(given)
    listeners.clear()
  }
  const forget = parent?.onEnd(end)
  return {
    get order() {
      return order
    },
    end,
    onEnd(listener) {
      if (order === undefined) listeners.add(listener)
      else listener(order)
      return () => listeners.delete(listener)
    },
    close: () => forget?.(),
  }
}
