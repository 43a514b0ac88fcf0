import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Everything that is derived from, or sealed with, the installation's master key. */
export interface Keys {
  /** The one-time right of an attempt's app. Always the same for the same attempt, so it can be given again. */
  ticket(build: string, attempt: number): string
  /** The token of the process that claimed an attempt with `nonce`. */
  buildToken(build: string, attempt: number, nonce: string): string
  /** The part of the bundle's address that only the attempt's app knows. */
  bundleKey(build: string, attempt: number): string
  /** Encrypts with AES-256-GCM, bound to `context`: moved to another place, it does not open. */
  seal(context: string, text: string): Buffer
  /** @throws if it was sealed with another key, for another context, or changed since */
  open(context: string, sealed: Buffer): string
  /** Tells whether a database was written with the same key, and tells nothing else. */
  readonly fingerprint: string
}

const ivBytes = 12
const tagBytes = 16

/** @param masterKey 64 hex digits */
export function createKeys(masterKey: string, installation: string): Keys {
  const master = Buffer.from(masterKey, 'hex')
  // One key for one purpose: what leaks of one says nothing about another.
  const sealing = createHmac('sha256', master).update('baton sealing').digest()
  const derive = (...parts: (string | number)[]): string =>
    createHmac('sha256', master)
      .update(JSON.stringify([installation, ...parts]))
      .digest('hex')
  return {
    ticket: (build, attempt) => derive('ticket', build, attempt),
    buildToken: (build, attempt, nonce) => `bb_${derive('token', build, attempt, nonce)}`,
    bundleKey: (build, attempt) => derive('bundle', build, attempt).slice(0, 40),
    seal: (context, text) => seal(sealing, context, text),
    open: (context, sealed) => open(sealing, context, sealed),
    fingerprint: derive('fingerprint'),
  }
}

function seal(key: Buffer, context: string, text: string): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed])
}

function open(key: Buffer, context: string, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes)).setAAD(Buffer.from(context))
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes))
  return decipher.update(sealed.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
}

/** How tokens, nonces and bundle keys are kept. They are long and random, so one round is enough. */
export function hashOf(secret: string | Buffer): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Compares without telling by its duration where the difference is. */
export function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(a)), Buffer.from(hashOf(b)))
}

/** A new random secret. `prefix` tells people, and scanners for leaked secrets, what it is. */
export function makeSecret(prefix = ''): string {
  return prefix + randomBytes(24).toString('base64url')
}
