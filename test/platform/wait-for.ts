import { setTimeout as pause } from 'node:timers/promises'

const lookMs = 50

/** The wanted thing is not there yet: what there is instead. */
class NotYet {
  readonly seen: string

  constructor(seen: string) {
    this.seen = seen
  }
}

/** What a look answers that found something else than what is waited for. */
export const notYet = (seen: string): NotYet => new NotYet(seen)

/**
 * Looks again and again until the wanted thing is there. @throws what was wanted and what was seen last, after `limitMs`:
 * "wanted todo#3 killed, last saw running, after 30 s". What `look` throws ends the wait at once.
 */
export async function waitFor<T>(
  wanted: string,
  limitMs: number,
  look: () => Promise<T | NotYet> | T | NotYet,
): Promise<T> {
  const startedMs = performance.now()
  for (;;) {
    const one = await look()
    if (!(one instanceof NotYet)) return one
    const passedMs = performance.now() - startedMs
    if (passedMs > limitMs) throw notSeen(wanted, one.seen, passedMs)
    await pause(lookMs)
  }
}

/** The same, where a plain yes or no is all there is to see. */
export async function waitUntil(
  wanted: string,
  limitMs: number,
  look: () => Promise<boolean> | boolean,
): Promise<void> {
  await waitFor(wanted, limitMs, async () => (await look()) || notYet('nothing of it'))
}

/** The error of a wait that will not end well. */
export function notSeen(wanted: string, seen: string, passedMs: number): Error {
  return new Error(`wanted ${wanted}, last saw ${seen}, after ${Math.round(passedMs / 1000)} s`)
}
