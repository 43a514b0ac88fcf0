const meaning: Record<string, string> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' }

/** A path or ref pattern as a whole-string expression: `*` stays inside a folder, `**` crosses them, `?` is one character. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (part) => meaning[part] ?? `\\${part}`)
  return new RegExp(`^${source}$`)
}

/** Whether any of `globs` matches `text`. */
export function matchesAny(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => globPattern(glob).test(text))
}
