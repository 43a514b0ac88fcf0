/** Secrets shorter than this are not masked: hiding every "1" would make the output unreadable and hide nothing. */
export const secretLengthMin = 4
const needleLengthMin = 4
const lineLengthMin = 8

/** Every way we can think of in which these secrets could show up in output, longest first. */
export function needlesOf(secrets: readonly string[]): Buffer[] {
  const texts = new Set<string>()
  for (const secret of secrets) {
    if (secret.length < secretLengthMin) continue
    for (const part of [secret, secret.trim(), ...longLinesOf(secret)])
      for (const text of spellings(part)) texts.add(text)
  }
  return [...texts]
    .filter((text) => text.length >= needleLengthMin)
    .map((text) => Buffer.from(text))
    .sort((a, b) => b.length - a.length)
}

/** A key of several lines is printed line by line as often as whole, and with other line ends. */
function longLinesOf(secret: string): string[] {
  const lines = secret.split(/\r?\n/)
  return lines.length === 1 ? [] : lines.map((line) => line.trim()).filter((line) => line.length >= lineLengthMin)
}

function* spellings(secret: string): Generator<string> {
  yield secret
  yield JSON.stringify(secret).slice(1, -1)
  yield secret.replaceAll("'", "'\\''") // how a shell with `set -x` shows it
  yield* urlSpellings(secret)
  const hex = Buffer.from(secret).toString('hex')
  yield hex
  yield hex.toUpperCase()
  for (const text of base64Middles(secret)) {
    yield text
    yield text.replaceAll('+', '-').replaceAll('/', '_')
  }
}

function* urlSpellings(secret: string): Generator<string> {
  const lower = (text: string): string => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  const whole = Buffer.from(secret).toString() // half a surrogate pair has no URL encoding
  const encoded = encodeURIComponent(whole)
  const strict = encoded.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  for (const text of [
    encoded,
    strict,
    encoded.replaceAll('%20', '+'),
    strict.replaceAll('%20', '+'),
    encodeURI(whole),
  ]) {
    yield text
    yield lower(text)
  }
}

/**
 * Base64 of a text that contains the secret (`user:secret`) shows one of three spellings of it, by where the secret
 * begins. The characters at both ends depend on the neighbours too, and are left out.
 */
function* base64Middles(secret: string): Generator<string> {
  const bytes = Buffer.from(secret)
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const begin = shift === 0 ? 0 : shift + 1
    const isCut = (shift + bytes.length) % 3 !== 0
    yield encoded.slice(begin, isCut ? encoded.length - 1 : encoded.length)
  }
}
