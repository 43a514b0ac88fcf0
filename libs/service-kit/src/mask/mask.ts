export const masked = '***'

/** Names of fields that are never shown, wherever they stand; a name that ends like one of them, `serviceToken`, is one too. */
export const secretNames = ['token', 'authorization', 'password', 'secret', 'ticket', 'cookie', 'apiKey'] as const

const ending = `(?:${secretNames.map((name) => name.replace('K', '[_-]?k')).join('|')})s?`
const secretName = new RegExp(`${ending}$`, 'i')
const text = '"(?:[^"\\\\]|\\\\.)*"'
// In a line of JSON: the field's name, and its value if that is text or a list.
const secretField = new RegExp(`("[\\w-]*${ending}":)(?:${text}|\\[(?:${text}|[^\\]"])*\\])`, 'gi')
const mentionsSecret = new RegExp(`${ending}":`, 'i')

const passwordInUrl = /(:\/\/[^/@:\s"'\\]*):[^/@\s"'\\]*@/g
// Git over HTTP takes a token as the user alone; `git@` over ssh is no secret.
const tokenAsUser = /(https?:\/\/)[^/@:\s"'\\]+@/g
const secretInQuery = /([?&](?:\w*token|password|secret|ticket|api_?key)=)[^&#\s"'\\]+/gi

/** The same text, with passwords and tokens in URLs replaced by `***`. */
export function maskUrls(text: string): string {
  if (!text.includes('://')) return text
  return text
    .replace(passwordInUrl, `$1:${masked}@`)
    .replace(tokenAsUser, `$1${masked}@`)
    .replace(secretInQuery, `$1${masked}`)
}

/** The same line of JSON, with secrets in URLs and in fields that are named like secrets replaced, however deep. */
export function maskLine(line: string): string {
  const urls = maskUrls(line)
  return mentionsSecret.test(urls) ? urls.replace(secretField, `$1"${masked}"`) : urls
}

const depthMax = 12

/** The same value as it may be shown: secrets in URLs, and text or lists in fields that are named like secrets, as `***`. */
export function maskedDeep(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskUrls(value)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth >= depthMax) return '...'
  if (Array.isArray(value)) return value.map((one) => maskedDeep(one, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, isSecretField(name, one) ? masked : maskedDeep(one, depth + 1)]),
  )
}

function isSecretField(name: string, value: unknown): boolean {
  return secretName.test(name) && (typeof value === 'string' || Array.isArray(value))
}
