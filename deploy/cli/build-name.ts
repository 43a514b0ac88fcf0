import { findBuildId } from '@baton/model'
import { errors } from '../errors.ts'

/** Reads `todo#12`. @throws BUILD_ID_INVALID */
export function readBuildName(text: string): { pipeline: string; number: number } {
  const found = findBuildId(text)
  if (found === undefined) throw errors.BUILD_ID_INVALID({ text: text.slice(0, 100) })
  return found
}

/** A ref as people write it: `main` is the branch, `refs/tags/v*` is taken as it is. */
export const refOf = (text: string): string => (text.startsWith('refs/') ? text : `refs/heads/${text}`)
