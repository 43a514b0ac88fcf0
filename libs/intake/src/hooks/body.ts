/** Reads a text out of foreign JSON by its path; anything else on the way is `undefined`. */
export function findText(body: unknown, ...path: (string | number)[]): string | undefined {
  const found = findValue(body, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** Reads any value out of foreign JSON by its path; what prototypes bring does not count. */
export function findValue(body: unknown, ...path: (string | number)[]): unknown {
  let at = body
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string | number, unknown>)[name]
  }
  return at
}

export function findList(body: unknown, ...path: (string | number)[]): readonly unknown[] | undefined {
  const found = findValue(body, ...path)
  return Array.isArray(found) ? found : undefined
}
