import type { BuildStatus } from './status.ts'

/** Attempts that ended before any claim are repeated this often: nothing of the user's ran. */
export const unclaimedAttemptsMax = 3

/** What becomes of a build whose attempt is dead. */
export type AfterDeath = { readonly next: 'attempt' } | { readonly next: 'over'; readonly status: BuildStatus }

/**
 * What follows when an attempt is dead without a result. Before a claim nothing of the user's ran, so it is repeated
 * by itself; after a claim only as often as the pipeline's own definition says. A build that was to be killed is killed.
 */
export function afterDeath(attempt: {
  number: number
  claimed: boolean
  killWanted: boolean
  /** Attempts the pipeline allows after a claim; 1 is "never again". */
  attemptsMax: number
}): AfterDeath {
  if (attempt.killWanted) return { next: 'over', status: 'killed' }
  const max = attempt.claimed ? attempt.attemptsMax : Math.max(unclaimedAttemptsMax, attempt.attemptsMax)
  return attempt.number < max ? { next: 'attempt' } : { next: 'over', status: 'lost' }
}
