/** Units of ages and durations, the largest first, in ms. */
const units = /** @type {const} */ ([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
])

/**
 * How long, in two units at most: "1 h 5 min", "41 s", "0.4 s".
 * @param {number} ms
 */
export function durationOf(ms) {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`
  const seconds = ms < 60_000 ? Math.round(ms / 1_000) * 1_000 : ms
  const at = units.findIndex(([, size]) => seconds >= size)
  const [[name, size] = units[3], next] = [units[at], units[at + 1]]
  const rest = next && Math.floor((seconds % size) / next[1])
  return `${Math.floor(seconds / size)} ${name}${rest && next ? ` ${rest} ${next[0]}` : ''}`
}

/**
 * How long ago, in one unit.
 * @param {number} ms
 */
export function ageOf(ms) {
  const found = units.find(([name, size]) => ms >= size && name !== 's')
  return found === undefined ? 'just now' : `${Math.floor(ms / found[1])} ${found[0]} ago`
}
