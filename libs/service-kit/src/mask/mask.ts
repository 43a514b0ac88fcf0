export const masked = '***'

/** Names of fields that are never shown, wherever they stand in a log line. */
export const secretNames = ['token', 'authorization', 'password', 'secret', 'ticket', 'cookie', 'apiKey'] as const

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
