import type { Delivery, DeliveryAnswer, LedgerEntry } from '@baton/state-client'

/** Every ref change ever seen, and what became of it. Unique on (repository, ref, era, commit). */
export interface Ledger {
  /**
   * Tells one signed hook. Durable when it returns; told again it changes nothing. The head moves by compare-and-set,
   * and never back: what does not continue it has the remote asked.
   * @throws REPOSITORY_UNKNOWN
   */
  deliver(slug: string, delivery: Delivery, now: Date): Promise<DeliveryAnswer>
  /** Makes a look at the remote due; many within a second are one. @throws REPOSITORY_UNKNOWN */
  look(slug: string, now: Date): Promise<void>
  /** Newest first, those before the entry with the id `before`. */
  listEntries(query: EntryQuery): Promise<LedgerEntry[]>
}

export interface EntryQuery {
  readonly repository?: string | undefined
  readonly limit: number
  readonly before?: number | undefined
}
