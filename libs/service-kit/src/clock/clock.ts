/** Where time comes from. Rules take a moment as an argument; everything else takes a clock. */
export interface Clock {
  /** The moment it is, by the wall clock: may jump. For records and for people. */
  now(): Date
  /** Milliseconds since some fixed moment: never jumps, never goes back. For durations and limits. */
  monotonicMs(): number
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
}
