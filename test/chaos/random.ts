/** Numbers from 0 to 1 that the same seed repeats. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** The seed of this run: BATON_SEED repeats an earlier one. Printed, as without it a failure could not be replayed. */
export function chooseSeed(): number {
  const seed = Number(process.env['BATON_SEED'] ?? Date.now() % 100_000)
  console.log(`seed ${seed}: repeat with BATON_SEED=${seed}`)
  return seed
}
