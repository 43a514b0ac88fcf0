import { array, assert, constantFrom, integer, property, string, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { createMasker, maskText } from './mask.ts'
import { needlesOf } from './mask-needles.ts'

const feedAll = (chunks: readonly Buffer[], needles: readonly Buffer[]): string => {
  const masker = createMasker(needles)
  return Buffer.concat([...chunks.map((chunk) => masker.feed(chunk)), masker.flush()]).toString('latin1')
}

test('however the bytes are cut, the result is the same, and no secret is in it', () => {
  const secret = string({ unit: constantFrom('a', 'b', 'c'), minLength: 4, maxLength: 7 })
  const text = string({ unit: constantFrom('a', 'b', 'c', '\n'), maxLength: 200 })
  assert(
    property(
      tuple(array(secret, { minLength: 1, maxLength: 3 }), text, array(integer({ min: 1, max: 9 }))),
      ([secrets, text, cuts]) => {
        const needles = secrets.map((one) => Buffer.from(one))
        const bytes = Buffer.from(text)
        const chunks: Buffer[] = []
        let at = 0
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut))
          at += cut
        }
        chunks.push(bytes.subarray(at))
        const masked = feedAll(chunks, needles)
        expect(masked).toBe(feedAll([bytes], needles))
        for (const one of secrets) expect(masked).not.toContain(one)
        if (!secrets.some((one) => text.includes(one))) expect(masked).toBe(text)
      },
    ),
    { numRuns: 500 },
  )
})

test.each([
  ['plain', (s: string) => s],
  ['URL-encoded', encodeURIComponent],
  ['URL-encoded in small letters', (s: string) => encodeURIComponent(s).replace(/%../g, (code) => code.toLowerCase())],
  ['as in a form', (s: string) => new URLSearchParams({ s }).toString().slice(2)],
  ['in JSON', (s: string) => JSON.stringify(s).slice(1, -1)],
  ['in hex', (s: string) => Buffer.from(s).toString('hex')],
])('a secret is found %s', (_how, spell) => {
  const secret = 'p@ss "w/ord+ ä\'s'
  expect(maskText(`<${spell(secret)}>`, needlesOf([secret]))).toBe('<***>')
})

test('a secret is found in base64, wherever it begins', () => {
  for (const prefix of ['', 'a', 'ab', 'user:', 'x-token:']) {
    for (const encoding of ['base64', 'base64url'] as const) {
      const encoded = Buffer.from(`${prefix}open?sesame~now;suffix`).toString(encoding)
      const masked = maskText(encoded, needlesOf(['open?sesame~now']))
      expect(masked).toContain('***')
      expect(Buffer.from(masked, 'base64').toString('latin1')).not.toContain('sesame')
    }
  }
})

test('a key of several lines is found line by line', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n'
  expect(maskText('x MIIEvQIBADANBgkq\r\nhkiG9w0BAQEFAASC', needlesOf([key]))).toBe('x ***\r\n***')
})

test('very short secrets are not masked: every 1 would be', () => {
  expect(maskText('1 + 1', needlesOf(['1']))).toBe('1 + 1')
})
