import { judgeObservation, type RefHead, type Verdict } from '@baton/model'
import type { Observed, OutcomeOf } from '@baton/state-client'
import type { RepositoryRow, WorkRow } from '../rows.ts'
import type { Tx } from '../store.ts'
import { jittered } from '../work/schedule.ts'
import { addEntry, findHead, isToldAhead, moveHead, settleAhead } from './entries.ts'

/** Applies what a look at a remote found. @returns when the next look is due */
export function observe(tx: Tx, { subject, again }: WorkRow, outcome: OutcomeOf<'sweep'>): number | undefined {
  const sql = 'SELECT * FROM repositories WHERE slug = ? AND removed_at IS NULL'
  const repository = tx.db.find<RepositoryRow>(sql, subject)
  if (repository === undefined) return undefined
  const { slug } = repository
  tx.db.run(
    'UPDATE repositories SET last_sweep_at = ?, sweep_failure = ? WHERE slug = ?',
    ...[tx.now, outcome.failure, slug],
  )
  if (repository.sweep_failure !== outcome.failure) tx.touchRepository(slug)
  const isBehind = outcome.observed.map((one) => applyObserved(tx, repository, one)).includes('behind')
  if (isBehind) return tx.now
  // Whatever came while somebody looked asked for another look.
  if (outcome.failure === null && again === 0) settleAhead(tx, slug)
  // A repository whose hooks come is swept to miss none, not to be fast.
  const { sweepMs, sweepHookedMs } = tx.settings
  return tx.now + jittered(repository.last_hook_at === null ? sweepMs : sweepHookedMs)
}

/** The head moves only from what it was when the look began: otherwise a hook came meanwhile, and the remote is asked anew. */
function applyObserved(tx: Tx, repository: RepositoryRow, seen: Observed): 'applied' | 'behind' {
  const { slug } = repository
  const { ref, head, descends } = seen
  const known = findHead(tx, slug, ref)
  if (!isSameHead(known, seen.known)) return 'behind'
  const verdict = judge(tx, slug, known, seen)
  moveHead(tx, slug, ref, verdict.head)
  if (verdict.entry === undefined) return 'applied'
  const isChain = repository.every === 'commit' && descends && seen.commits.at(-1) === head
  let before = known?.head ?? null
  for (const commit of isChain ? seen.commits : [verdict.entry.commit]) {
    addEntry(tx, repository, { ref, era: verdict.entry.era, commit, before, source: 'sweep' })
    before = commit
  }
  return 'applied'
}

function judge(tx: Tx, slug: string, known: RefHead | undefined, { ref, head, descends }: Observed): Verdict {
  const isAhead = known !== undefined && head !== null && isToldAhead(tx, slug, ref, { era: known.era, head })
  if (!isAhead) return judgeObservation(known, { head, descends })
  return { head: { head, era: known.era }, entry: { commit: head, era: known.era }, look: false }
}

function isSameHead(known: RefHead | undefined, told: Observed['known']): boolean {
  if (known === undefined || told === null) return known === undefined && told === null
  return known.head === told.head && known.era === told.era
}
