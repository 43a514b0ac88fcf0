import { isBatonError } from '@baton/model'
import { notYet, waitFor } from '../platform/wait-for.ts'

const limitMs = 60_000

/** What says "not now", or nothing at all. Every other no is an answer, and fails the test. */
function isNotNow(error: unknown): boolean {
  return !isBatonError(error) || error.kind === 'unavailable' || error.kind === 'limited'
}

/** Does something until it is done, whoever is away meanwhile. What may be repeated, and only that, is done this way. */
export async function patiently<T>(what: string, act: () => Promise<T>): Promise<T> {
  return await waitFor<T>(what, limitMs, async () => {
    try {
      return await act()
    } catch (error) {
      if (!isNotNow(error)) throw error
      return notYet(String(error))
    }
  })
}
