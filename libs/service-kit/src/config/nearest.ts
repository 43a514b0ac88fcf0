import { findNearest } from '@baton/model'

/** `, did you mean "leaseMs"?`, the known name that takes the fewest changes; nothing if none is known. */
export function nearestTo(name: string, known: readonly string[], prefix = ''): string {
  const nearest = findNearest(name, known)
  return nearest === undefined ? '' : `, did you mean ${JSON.stringify(prefix + nearest)}?`
}
