/** The right of one owner to a work item until it expires. The epoch counts the takes and fences the item's writes. */
export interface Lease {
  readonly owner: string
  readonly epoch: number
  readonly expiresAt: Date
}

/** Renewals come three times per lease, so one lost renewal is no alarm; two are. */
export const renewalsPerLease = 3

/** How a lease stands: `late` means that at least one renewal was missed. */
export function pulse(lease: Lease, now: Date, leaseMs: number): 'steady' | 'late' | 'gone' {
  const leftMs = lease.expiresAt.getTime() - now.getTime()
  if (leftMs <= 0) return 'gone'
  return leftMs < (leaseMs * (renewalsPerLease - 2)) / renewalsPerLease ? 'late' : 'steady'
}

/** The lease of the next owner. Whoever holds an older epoch may not write any more. */
export function nextLease(before: Lease | undefined, owner: string, now: Date, leaseMs: number): Lease {
  return { owner, epoch: (before?.epoch ?? 0) + 1, expiresAt: new Date(now.getTime() + leaseMs) }
}

/** Whether work may be taken: nobody has it, or the right of whoever had it ran out. */
export function isFree(lease: Lease | undefined, now: Date): boolean {
  return lease === undefined || lease.expiresAt.getTime() <= now.getTime()
}

/** Wait before try `failures` + 1, in ms: doubling from `firstMs` to `maxMs`. */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures, 30))
}
