import { findCommit, type Mirror, type ObjectReader } from '@baton/git'
import { isBatonError } from '@baton/model'
import type { LedgerEntry } from '@baton/state-client'

/** A forge's replicas may lag behind its own hooks; so long a commit that is not there yet is waited for. */
const replicaLagMs = 15_000

/** Whether the entry's ref still reaches its commit: as last fetched, and if not so, as it is now. */
export async function isReached(mirror: Mirror, objects: ObjectReader, entry: LedgerEntry): Promise<boolean> {
  const head = await headOf(objects, entry.ref)
  if (await reaches(mirror, head, entry.commit)) return true
  await fetchRef(mirror, entry.ref)
  const now = await headOf(objects, entry.ref)
  return now !== head && (await reaches(mirror, now, entry.commit))
}

/**
 * Whether a commit that is nowhere may only be late: the remote's ref is still what it was before the push, and the
 * push is a few seconds old.
 */
export async function mayStillCome(mirror: Mirror, entry: LedgerEntry, now: Date): Promise<boolean> {
  if (now.getTime() - Date.parse(entry.seenAt) > replicaLagMs) return false
  const head = await mirror.withObjects((objects) => headOf(objects, entry.ref))
  return (head ?? null) === entry.before
}

async function reaches(mirror: Mirror, head: string | undefined, commit: string): Promise<boolean> {
  return head !== undefined && (head === commit || (await mirror.isAncestor(commit, head)))
}

async function headOf(objects: ObjectReader, ref: string): Promise<string | undefined> {
  return (await findCommit(objects, ref))?.id
}

async function fetchRef(mirror: Mirror, ref: string): Promise<void> {
  await mirror.fetch([ref]).catch((error: unknown) => {
    if (!isBatonError(error, 'REF_UNKNOWN')) throw error
  })
}
