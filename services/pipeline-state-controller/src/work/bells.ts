/**
 * Wakes those who wait in this process for something to happen: work of a kind, an order for a build. Nothing is
 * remembered: whoever is woken looks for himself.
 */
export interface Bells {
  ring(name: string): void
  /** Resolves at the first ring of one of `names`, after `limitMs`, or when `signal` aborts. Never rejects. */
  wait(names: readonly string[], limitMs: number, signal: AbortSignal): Promise<void>
}

/** The bell that rings when the process of a build has to hear something. Work has the bell of its kind. */
export const orderBell = (pipeline: string, number: number): string => `order.${pipeline}#${number}`

export function createBells(): Bells {
  const waiting = new Map<string, Set<() => void>>()
  return {
    ring(name) {
      // A copy: whoever wakes removes itself.
      for (const wake of [...(waiting.get(name) ?? [])]) wake()
    },
    wait(names, limitMs, signal) {
      if (signal.aborted || limitMs <= 0) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', wake)
          for (const name of names) remove(waiting, name, wake)
          resolve()
        }
        const timer = setTimeout(wake, limitMs)
        signal.addEventListener('abort', wake)
        for (const name of names) add(waiting, name, wake)
      })
    },
  }
}

function add(waiting: Map<string, Set<() => void>>, name: string, wake: () => void): void {
  const set = waiting.get(name)
  if (set === undefined) waiting.set(name, new Set([wake]))
  else set.add(wake)
}

function remove(waiting: Map<string, Set<() => void>>, name: string, wake: () => void): void {
  const set = waiting.get(name)
  set?.delete(wake)
  if (set?.size === 0) waiting.delete(name)
}
