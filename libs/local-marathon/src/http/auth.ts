import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether a request carries this account and password. Compared by digest, so that time tells nothing. */
export function createBasicAuth(user: string, password: string): (header: string | undefined) => boolean {
  const wanted = digest(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
  return (header) => timingSafeEqual(digest(`Basic ${(header ?? '').replace(/^basic +/i, '')}`), wanted)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
