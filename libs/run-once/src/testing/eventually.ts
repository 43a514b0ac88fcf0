/** For tests: waits until `look` gives a value that is not undefined or false, and says what was wanted if it never does. */
export async function eventually<T>(wanted: string, look: () => T | undefined | false, limitMs = 10_000): Promise<T> {
  const untilMs = Date.now() + limitMs
  for (;;) {
    const seen = look()
    if (seen !== undefined && seen !== false) return seen
    if (Date.now() > untilMs) throw new Error(`wanted: ${wanted}; not seen within ${limitMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
