/** @import { Reason } from '@baton/model' */

/** One sentence a code, of libs/model: the server that serves this page knows them. @type {Record<string, string>} */
const reasons = await fetch('/page/reasons.json').then((answer) => answer.json())

/**
 * Why something is as it is, for people. A code that is not known stays visible as itself.
 * @param {{ code: string, args: Reason['args'] } | null} reason
 */
export function sentenceOf(reason) {
  if (reason === null) return ''
  const { code, args } = reason
  return (reasons[code] ?? code).replace(/\{(\w+)\}/g, (whole, name) => String(args[name] ?? whole))
}

/** @param {string} commit */
export const shortHash = (commit) => commit.slice(0, 7)

/** @param {string} ref */
export const shortRef = (ref) => ref.replace(/^refs\/(heads|tags)\//, '')
