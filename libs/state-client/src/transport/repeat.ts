import { backoffMs, isBatonError } from '@baton/model'

export interface RepeatLimits {
  /** Tries in all. */
  readonly triesMax: number
  readonly firstMs?: number
  readonly maxMs?: number
  readonly signal?: AbortSignal
}

/** Whether the same call may succeed later: nobody answered, or the controller said so. */
export const isUnavailable = (error: unknown): boolean => isBatonError(error) && error.kind === 'unavailable'

/**
 * Calls again while the answer is "not now", with growing, jittered pauses. For calls that may be repeated.
 * @throws the last error; the signal's reason when aborted
 */
export async function repeat<T>(call: () => Promise<T>, limits: RepeatLimits): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await call()
    } catch (error) {
      if (!isUnavailable(error) || failures + 1 >= limits.triesMax) throw error
      const { firstMs = 50, maxMs = 5_000, signal } = limits
      await pause(backoffMs(failures, firstMs, maxMs) * (0.5 + Math.random() / 2), signal)
    }
  }
}

/** Waits. @throws the signal's reason as soon as it aborts */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
