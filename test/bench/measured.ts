import { isKept, type Limit } from './limit.ts'

/** One line of the table. */
export interface Measured {
  readonly name: string
  readonly measure: string
  readonly unit: string
  readonly result: number
  /** The same work without the platform, in the same run; nothing where there is none. */
  readonly floor: number | undefined
  readonly limit: Limit
  /** What the figure hides: counts, the other figures beside it. */
  readonly note: string
}

/** As --json shows it. */
export interface Judged extends Omit<Measured, 'floor'> {
  readonly floor: number | null
  readonly ratio: number | null
  readonly ok: boolean
}

export function judge(measured: Measured): Judged {
  const { result, floor, limit } = measured
  const ratio = floor === undefined ? null : result / floor
  return { ...measured, floor: floor ?? null, ratio, ok: isKept(limit, result, floor) }
}
