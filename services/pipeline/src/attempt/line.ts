import { type BatonError, backoffMs, isBatonError } from '@baton/model'

/** Asks the controller until it answers, and knows how long it has been silent. */
export interface Line {
  /** Repeats the call until there is an answer. @throws a no that the caller has to act upon, or when the line is closed */
  ask<T>(call: (signal: AbortSignal) => Promise<T>, isAnswer?: (error: BatonError) => boolean): Promise<T>
  /** Ms since the last answer. */
  silentMs(): number
  /** Ends waiting and calls under way. */
  close(): void
}

/** Answers that say how to go on: the one who asked acts upon them. */
const goOnCodes = new Set(['EVENTS_GAP', 'OUTPUT_GAP', 'RESULT_INCOMPLETE'])
const saysHowToGoOn = (error: BatonError): boolean => goOnCodes.has(error.code)
/** For calls whose every no is final, unless it says "later". */
export const isFinal = (error: BatonError): boolean => error.kind !== 'unavailable' && error.kind !== 'limited'
const firstPauseMs = 100
const pauseMsMax = 5000

export interface LineOptions {
  /** Another attempt took over: nothing may be written or run any more. */
  onFenced(): void
  /** A no that nobody expected; it is repeated all the same, as nothing else would help. */
  onTrouble?(error: unknown): void
}

export function createLine({ onFenced, onTrouble }: LineOptions): Line {
  const closing = new AbortController()
  const { signal } = closing
  let answeredAt = performance.now()

  async function ask<T>(call: (signal: AbortSignal) => Promise<T>, isAnswer = saysHowToGoOn): Promise<T> {
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted()
      try {
        const answer = await call(signal)
        answeredAt = performance.now()
        return answer
      } catch (error) {
        signal.throwIfAborted()
        if (isBatonError(error, 'ATTEMPT_FENCED')) onFenced()
        if (isBatonError(error) && (isAnswer(error) || error.code === 'ATTEMPT_FENCED')) throw error
        if (!isBatonError(error, 'STATE_UNREACHABLE')) onTrouble?.(error)
      }
      await pause(jittered(backoffMs(failures, firstPauseMs, pauseMsMax)), signal)
    }
  }
  return {
    ask,
    silentMs: () => performance.now() - answeredAt,
    close: () => closing.abort(new Error('the line is closed')),
  }
}

/** Up to a quarter off, so that a hundred processes do not come back in the same moment. */
const jittered = (ms: number): number => ms * (1 - Math.random() / 4)

/** Waits. @throws when the signal ends it */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    if (signal?.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
