/** What a figure has to keep: an amount by itself, or so many times the floor of the same run. */
export type Limit =
  | { readonly most: number; readonly of: 'itself' | 'floor' }
  | { readonly least: number; readonly of: 'itself' | 'floor' }

/** Whether `result` keeps the limit. Without a floor a limit in floors is not kept: nothing says that it is. */
export function isKept(limit: Limit, result: number, floor: number | undefined): boolean {
  const unit = limit.of === 'itself' ? 1 : (floor ?? Number.NaN)
  return 'most' in limit ? result <= limit.most * unit : result >= limit.least * unit
}

/** A limit in words: `at most 8 x floor`. */
export function wordsOf(limit: Limit, unit: string): string {
  const words = 'most' in limit ? `at most ${limit.most}` : `at least ${limit.least}`
  return `${words} ${limit.of === 'floor' ? 'x floor' : unit}`
}
