/** What a figure has to keep: an amount by itself, so many times the floor of the same run, or no more than so much above it. */
export type Limit =
  | { readonly most: number; readonly of: 'itself' | 'floor' | 'above floor' }
  | { readonly least: number; readonly of: 'itself' | 'floor' }

/** Whether `result` keeps the limit. Without a floor a limit in floors is not kept: nothing says that it is. */
export function isKept(limit: Limit, result: number, floor: number | undefined): boolean {
  if (limit.of === 'above floor') return result - (floor ?? Number.NaN) <= limit.most
  const unit = limit.of === 'itself' ? 1 : (floor ?? Number.NaN)
  return 'most' in limit ? result <= limit.most * unit : result >= limit.least * unit
}

/** A limit in words: `at most 8 x floor`, `at most floor + 25 ms`. */
export function wordsOf(limit: Limit, unit: string): string {
  if (limit.of === 'above floor') return `at most floor + ${limit.most} ${unit}`
  const words = 'most' in limit ? `at most ${limit.most}` : `at least ${limit.least}`
  return `${words} ${limit.of === 'floor' ? 'x floor' : unit}`
}
