import { backoffMs } from '@baton/model'

const firstMs = 500
const maxMs = 10_000

/** How long work rests that was given back `failures` times in a row here, in ms: growing, and a little different each time. */
export const growingPauseMs = (failures: number): number =>
  backoffMs(failures - 1, firstMs, maxMs) * (0.75 + Math.random() / 2)
