import type { ServiceKit } from '@baton/service-kit'
import type { FastifyRequest } from 'fastify'
import type { Bells } from '../work/bells.ts'

/** Waits for a bell, for `limitMs` at most; no longer than the caller does, and not while the service drains. */
export async function waitFor(
  request: FastifyRequest,
  kit: ServiceKit,
  bells: Bells,
  names: readonly string[],
  limitMs: number,
): Promise<'rung' | 'over'> {
  const end = new AbortController()
  const stop = (): void => end.abort()
  const forget = kit.onStopping(stop)
  request.raw.socket.once('close', stop)
  try {
    if (kit.stopping || request.raw.socket.destroyed) return 'over'
    await bells.wait(names, limitMs, end.signal)
    return end.signal.aborted ? 'over' : 'rung'
  } finally {
    forget()
    request.raw.socket.off('close', stop)
  }
}
