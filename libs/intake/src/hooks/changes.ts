import { isRef } from '@baton/git'
import { isCommit } from '@baton/model'

/** A ref as a hook tells of it; `null` is "was not there" or "is deleted". */
export interface Change {
  readonly ref: string
  readonly before: string | null
  readonly after: string | null
}

/** What a push told: how the repository is called, and what moved. Text that is not usable is named in `wrong`. */
export interface Push {
  readonly names: readonly string[]
  readonly changes: readonly Change[]
  readonly wrong?: string
}

/** A hash of a hook: zeros, null and nothing mean "none". @returns `undefined` if it is something else */
function readHash(hash: unknown): string | null | undefined {
  if (hash === null || hash === undefined || hash === '') return null
  if (typeof hash !== 'string' || !isCommit(hash.toLowerCase())) return undefined
  return /^0+$/.test(hash) ? null : hash.toLowerCase()
}

/** Reads one change; only branches and tags concern us. @returns a sentence about what is wrong, or the changes: one or none */
export function readChange(ref: unknown, before: unknown, after: unknown): Change[] | string {
  if (typeof ref !== 'string') return 'it has no ref'
  if (!/^refs\/(heads|tags)\//.test(ref))
    return /^refs\//.test(ref) ? [] : 'its ref is not a full name such as refs/heads/main'
  if (!isRef(ref)) return 'its ref is not a valid name'
  const [was, is] = [readHash(before), readHash(after)]
  if (was === undefined || is === undefined) return 'before and after have to be full commit hashes'
  return [{ ref, before: was, after: is }]
}

/** A push of a single ref. */
export function pushOf(names: (string | undefined)[], change: Change[] | string): Push {
  const known = names.filter((name) => name !== undefined)
  return typeof change === 'string' ? { names: known, changes: [], wrong: change } : { names: known, changes: change }
}
