import { findDurationMs } from '../tree/duration.ts'
import type { Retry } from '../tree/retry.ts'
import type { Job } from './state.ts'

const pauseMsMax = 5 * 60_000

/**
 * Does it again while it fails and tries are left. An order to end the step ends the tries, in their pauses too.
 * `hasFailed` may do what has to be done in between.
 */
export async function tryAgain<T>(
  job: Job,
  { retry = 0, backoff }: Retry,
  once: () => Promise<T>,
  hasFailed: (outcome: T) => boolean | Promise<boolean>,
): Promise<T> {
  const firstMs = findDurationMs(backoff) ?? 0
  for (let tried = 1; ; tried += 1) {
    const outcome = await once()
    if (tried > retry || job.scope.order !== undefined || !(await hasFailed(outcome))) return outcome
    const pauseMs = Math.min(firstMs * 2 ** (tried - 1), pauseMsMax)
    job.output?.line(
      `--- that failed; try ${tried + 1} of ${retry + 1}${pauseMs > 0 ? ` in ${pauseMs / 1000} s` : ''} ---`,
    )
    if (pauseMs > 0) await pause(job, pauseMs)
    if (job.scope.order !== undefined) return outcome
  }
}

function pause({ scope, state }: Job, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const callOff = state.world.after(ms, () => {
      forget()
      resolve()
    })
    const forget = scope.onEnd(() => {
      callOff()
      resolve()
    })
  })
}
