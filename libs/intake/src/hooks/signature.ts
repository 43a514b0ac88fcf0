import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** How a hook stands to the secret of its repository. */
export type Signed = 'valid' | 'forged' | 'unsigned'

/** An HMAC-SHA256 of the body, as hex, after `prefix`. */
export function hmacSigned(signature: string | undefined, prefix: string, raw: Buffer, secret: string): Signed {
  if (signature === undefined || signature === '') return 'unsigned'
  const wanted = prefix + createHmac('sha256', secret).update(raw).digest('hex')
  return same(signature.toLowerCase(), wanted) ? 'valid' : 'forged'
}

/** The secret itself, sent along. */
export function tokenSigned(token: string | undefined, secret: string): Signed {
  if (token === undefined || token === '') return 'unsigned'
  return same(token, secret) ? 'valid' : 'forged'
}

// Digests are compared, so neither the time nor the length tells anything.
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
