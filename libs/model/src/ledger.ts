/** What is known of a ref: its head (`null`: deleted), and how often its history was rewritten or it was made again. */
export interface RefHead {
  readonly head: string | null
  readonly era: number
}

/** What a remote showed of a ref, against what was known. `descends`: the new head has the known one among its ancestors. */
export interface Observation {
  readonly head: string | null
  readonly descends: boolean
}

/** What a hook said of a ref. `null` is "was not there" or "is deleted". */
export interface RefChange {
  readonly before: string | null
  readonly after: string | null
}

export interface Verdict {
  /** The head as it has to be now. `undefined`: nothing moves. */
  readonly head: RefHead | undefined
  /** The ledger entry to add, unique on (repository, ref, era, commit). `undefined`: none. */
  readonly entry: { readonly commit: string; readonly era: number } | undefined
  /** The remote itself has to be asked: what was said cannot be trusted to be the newest. */
  readonly look: boolean
}

const nothing: Verdict = { head: undefined, entry: undefined, look: false }

/** What follows from asking the remote itself. It is the truth about the head; only it starts an era. */
export function judgeObservation(known: RefHead | undefined, seen: Observation): Verdict {
  if (seen.head === null) {
    return known?.head == null ? nothing : { ...nothing, head: { head: null, era: known.era } }
  }
  if (known === undefined) return moveTo(seen.head, 1)
  if (known.head === seen.head) return nothing
  return moveTo(seen.head, known.head !== null && seen.descends ? known.era : known.era + 1)
}

/**
 * What follows from a signed hook. A commit that this ref never had is an entry of its own; one that it had may be a
 * late hook or a force-push back, which only the remote can tell apart. The head never moves back: it moves only when
 * the hook continues what is known.
 */
export function judgeHook(known: RefHead | undefined, change: RefChange, isCommitKnown: boolean): Verdict {
  const continues = (known?.head ?? null) === change.before
  if (change.after === null) {
    const head = continues && known?.head != null ? { head: null, era: known.era } : undefined
    return { head, entry: undefined, look: true }
  }
  if (isCommitKnown) return { ...nothing, look: true }
  const era = known === undefined ? 1 : known.head === null ? known.era + 1 : known.era
  const entry = { commit: change.after, era }
  return continues ? { head: { head: change.after, era }, entry, look: false } : { head: undefined, entry, look: true }
}

const moveTo = (commit: string, era: number): Verdict => ({
  head: { head: commit, era },
  entry: { commit, era },
  look: false,
})
