/** Longest full name of a ref that is kept, in characters. */
export const refLengthMax = 255

/** Whether this is the full name of a branch or tag that can be kept: Git's own rules, and no white space of any kind. */
export function isRef(name: string): boolean {
  return (
    name.length <= refLengthMax &&
    /^refs\/(heads|tags)\/[^\s~^:?*[\\\u0000-\u0020\u007f]+$/.test(name) &&
    !/\.\.|@\{|\/\/|\/$|\.$|\.lock(\/|$)|\/\./.test(name)
  )
}
