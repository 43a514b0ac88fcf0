import { backoffMs, isBatonError, reason } from '@baton/model'
import { crashPoint, type Log } from '@baton/service-kit'
import type { OutcomeOf, ResolvePayload, StateClient } from '@baton/state-client'
import { startWorker, type Worker } from '@baton/work'
import { type Resolver, resolveEntry } from './resolve.ts'

const retryFirstMs = 1_000
const retryMaxMs = 300_000
/** How long a remote that does not answer is tried before its commit is given up. */
const unreachableMaxMs = 86_400_000
/** Takes after which a failure that waiting does not change is final. */
const takesMax = 5

export interface ResolverOptions extends Resolver {
  readonly state: StateClient
  readonly log: Log
  readonly owner: string
  readonly concurrency: number
}

/** Takes `resolve` work. The epoch counts the takes, so the pauses grow whoever fails. */
export function startResolver(options: ResolverOptions): Worker {
  const { state, log, owner, concurrency } = options
  return startWorker({
    kind: 'resolve',
    state,
    log,
    owner,
    activeMax: concurrency,
    retryMs: (error, { epoch }) => retryAfter(error, epoch),
    async handle({ payload, epoch }) {
      const outcome = await resolveEntry(options, payload).catch((error: unknown) => {
        const final = giveUp(error, payload, epoch, options.clock.now())
        if (final !== undefined) return final
        throw error
      })
      crashPoint('resolve.before-done')
      return outcome
    },
  })
}

function retryAfter(error: unknown, epoch: number): number {
  // A commit that may still come is looked for again soon.
  if (isBatonError(error, 'COMMIT_UNKNOWN')) return retryFirstMs
  return backoffMs(epoch - 1, retryFirstMs, retryMaxMs)
}

/**
 * An entry that cannot be read is closed with the reason in words, rather than tried for ever: a remote that is away
 * after a day, anything else after a few takes.
 */
function giveUp(error: unknown, { entry }: ResolvePayload, epoch: number, now: Date): OutcomeOf<'resolve'> | undefined {
  const ageMs = now.getTime() - Date.parse(entry.seenAt)
  const mayPass = isBatonError(error) && (error.kind === 'unavailable' || error.kind === 'missing')
  if (mayPass ? ageMs < unreachableMaxMs : epoch < takesMax) return undefined
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 1000)
  return { info: null, resolutions: [], whole: { state: 'skipped', reason: reason('failure.resolve', { message }) } }
}
