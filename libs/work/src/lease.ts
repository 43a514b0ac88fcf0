import { isBatonError, renewalsPerLease } from '@baton/model'
import type { Clock, Log } from '@baton/service-kit'
import type { StateClient, Work } from '@baton/state-client'

/** The right to a work item while it is worked on. */
export interface HeldLease {
  /** Aborts when the right is lost, or the process stops. Nothing may be written outside after that. */
  readonly signal: AbortSignal
  end(): void
}

/** Why a lease's signal aborted: somebody else may have the work now. */
export class LeaseLost extends Error {}

/** Renews three times per lease. Lost is what the controller says is lost, or what ran out without any answer. */
export function holdLease(options: {
  state: StateClient
  work: Pick<Work, 'id' | 'epoch' | 'leaseMs'>
  stop: AbortSignal
  clock: Clock
  log: Log
}): HeldLease {
  const { state, work, stop, clock, log } = options
  const lost = new AbortController()
  const stopNow = () => lost.abort(stop.reason)
  if (stop.aborted) stopNow()
  stop.addEventListener('abort', stopNow, { once: true })
  let validUntilMs = clock.monotonicMs() + work.leaseMs
  let renewing = false

  const renew = async () => {
    const askedAtMs = clock.monotonicMs()
    if (askedAtMs >= validUntilMs) return lost.abort(new LeaseLost('the lease ran out'))
    if (renewing) return
    renewing = true
    try {
      await state.renew(work.id, work.epoch)
      validUntilMs = askedAtMs + work.leaseMs
    } catch (error) {
      if (isBatonError(error) && error.kind === 'conflict') lost.abort(new LeaseLost(error.message))
      else log.warn({ err: error, work: work.id }, 'lease not renewed')
    } finally {
      renewing = false
    }
  }
  const timer = setInterval(() => void renew(), Math.max(10, work.leaseMs / renewalsPerLease))
  return {
    signal: lost.signal,
    end: () => {
      clearInterval(timer)
      stop.removeEventListener('abort', stopNow)
    },
  }
}
