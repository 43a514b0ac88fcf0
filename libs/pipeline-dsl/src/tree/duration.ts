const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** A length of time as people write it: `500ms`, `90s`, `20m`, `2h`. */
export type Duration = `${number}${keyof typeof unitsMs}`

/** The longest time anything may be given. Timers cannot wait longer than 24.8 days. */
export const durationMsMax = 7 * 24 * unitsMs.h

/** Reads a duration to ms; anything else, and what is not between 1 ms and a week, is `undefined`. */
export function findDurationMs(text: unknown): number | undefined {
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) : null
  if (match?.[1] === undefined) return undefined
  const ms = Math.round(Number(match[1]) * unitsMs[match[2] as keyof typeof unitsMs])
  return ms >= 1 && ms <= durationMsMax ? ms : undefined
}
