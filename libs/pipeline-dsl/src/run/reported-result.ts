import { maskText } from '../output/mask.ts'
import type { Outcome } from './outcome.ts'

/** A result longer than this, as JSON, is not reported. `use` gives it all the same. */
export const resultBytesMax = 64 * 1024

/** What is reported of a step's value: nothing, or JSON with the secrets masked. */
export function resultOf(outcome: Outcome, needles: readonly Buffer[]): { result?: unknown } {
  if (outcome.status !== 'success' || outcome.value === undefined) return {}
  const json = JSON.stringify(outcome.value)
  if (Buffer.byteLength(json) > resultBytesMax) return {}
  try {
    return { result: JSON.parse(maskText(json, needles)) }
  } catch {
    return {} // A secret reached over the edge of a text; better no result than half of a secret.
  }
}
