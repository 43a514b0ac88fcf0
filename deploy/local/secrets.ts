import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeOnce } from './write-whole.ts'

/** Made once for each platform, each a file that only its owner reads. The master key is 32 bytes, in hex. */
const secretNames = ['admin-token', 'service-token', 'master-key', 'marathon-password'] as const
type SecretName = (typeof secretNames)[number]

const secretBytes = 32

/** Makes the secrets that are not there yet. One that is there stays: the database is encrypted with it. */
export function makeSecrets(dir: string): void {
  for (const name of secretNames) writeOnce(join(dir, name), randomBytes(secretBytes).toString('hex'))
}

export function getSecret(dir: string, name: SecretName): string {
  return readFileSync(join(dir, name), 'utf8').trim()
}

const installationLetters = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Six letters and digits that tell the apps of this platform from those of another on the same Marathon. */
export function newInstallation(): string {
  // The first one is a letter, so that nobody reads it as a number.
  const letterCounts = [26, 36, 36, 36, 36, 36]
  const bytes = randomBytes(letterCounts.length)
  return letterCounts.map((count, at) => installationLetters[(bytes[at] ?? 0) % count]).join('')
}
