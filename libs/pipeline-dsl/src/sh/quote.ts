import { errors } from '../errors.ts'

type Word = string | number | boolean
/** What may stand in sh`...`: one shell word, or a list of them. */
export type ShValue = Word | readonly Word[]

/** One shell word, whatever is in it. POSIX: inside single quotes nothing has a meaning but the quote itself. */
export function quoteWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** A value as shell words: a list becomes several, an empty list none. @throws SH_VALUE */
export function quote(value: ShValue): string {
  if (Array.isArray(value)) return value.map((word: Word) => quoteWord(textOf(word))).join(' ')
  return quoteWord(textOf(value as Word))
}

function textOf(word: Word): string {
  const isGood =
    typeof word === 'string' || typeof word === 'boolean' || (typeof word === 'number' && Number.isFinite(word))
  if (!isGood) throw errors.SH_VALUE({ what: describeValue(word) })
  const text = String(word)
  if (text.includes('\0')) throw errors.SH_VALUE({ what: 'a text with a NUL in it' })
  return text
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number') return String(value)
  return `of type ${Array.isArray(value) ? 'list in a list' : typeof value}`
}
