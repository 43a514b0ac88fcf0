import type { StateClient, StateEvent } from '@baton/state-client'

/** What happens on a platform, as a viewer sees it live. */
export interface Watch {
  /**
   * Waits for the first event from now on that `find` makes something of.
   * @throws what was wanted, after `limitMs`, or when the stream broke: a figure taken over a break would be wrong
   */
  next<T>(wanted: string, limitMs: number, find: (event: StateEvent) => T | undefined): Promise<T>
  close(): Promise<void>
}

interface Waiting {
  hear(event: StateEvent): void
  fail(error: unknown): void
}

/** Follows events of these topics; without any, every event of the platform. Resolves once the stream stands. */
export async function openWatch(state: StateClient, topics: readonly string[] = []): Promise<Watch> {
  const closing = new AbortController()
  const waiting = new Set<Waiting>()
  const failAll = (error: unknown) => {
    for (const one of waiting) one.fail(error)
  }
  let following = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    following = state
      .followEvents({
        topics: [...topics],
        signal: closing.signal,
        onOpen: resolve,
        onBreak: failAll,
        onEvent: (event) => {
          for (const one of waiting) one.hear(event)
        },
      })
      .catch((error: unknown) => {
        reject(error)
        failAll(error)
      })
  })
  return {
    next: (wanted, limitMs, find) => waitIn(waiting, wanted, limitMs, find),
    close: async () => {
      closing.abort()
      await following
    },
  }
}

function waitIn<T>(
  waiting: Set<Waiting>,
  wanted: string,
  limitMs: number,
  find: (event: StateEvent) => T | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      waiting.delete(one)
    }
    const fail = (error: unknown) => {
      end()
      reject(error)
    }
    const one: Waiting = {
      fail,
      hear(event) {
        const found = find(event)
        if (found === undefined) return
        end()
        resolve(found)
      },
    }
    const timer = setTimeout(() => fail(new Error(`wanted ${wanted}, after ${limitMs / 1000} s`)), limitMs)
    waiting.add(one)
  })
}
