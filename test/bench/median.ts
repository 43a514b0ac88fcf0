/** The middle of the values, half of them on each side: one that was disturbed does not move it. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value that this share of all values does not exceed, between two neighbours if need be. @throws on no values */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (low === undefined || high === undefined) throw new RangeError('no values, no quantile')
  return low + (high - low) * (at - Math.floor(at))
}
