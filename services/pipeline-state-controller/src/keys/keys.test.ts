import { expect, test } from 'vitest'
import { createKeys, hashOf, isSame, makeSecret } from './keys.ts'

const keys = createKeys('ab'.repeat(32), 'abc123')
const otherMaster = createKeys('ac'.repeat(32), 'abc123')
const otherInstallation = createKeys('ab'.repeat(32), 'abc124')

test('what is derived is the same each time, and another for everything that differs', () => {
  const again = createKeys('ab'.repeat(32), 'abc123')
  expect(again.ticket('todo#1', 1)).toBe(keys.ticket('todo#1', 1))
  expect(again.fingerprint).toBe(keys.fingerprint)
  const all = [keys, otherMaster, otherInstallation].flatMap((one) => [
    one.fingerprint,
    one.ticket('todo#1', 1),
    one.ticket('todo#1', 2),
    one.ticket('todo#2', 1),
    one.ticket('todo#1,1', 1),
    one.bundleKey('todo#1', 1),
    one.bundleKey('todo#1', 2),
    one.buildToken('todo#1', 1, 'a'.repeat(32)),
    one.buildToken('todo#1', 1, 'b'.repeat(32)),
  ])
  expect(new Set(all).size).toBe(all.length)
  for (const one of all) expect(one.length).toBeGreaterThanOrEqual(40)
})

test('what is sealed opens with the same key for the same context, whatever it says', () => {
  for (const text of ['', 'hush', 'grüße \u0000 🗝', 'x'.repeat(100_000)]) {
    const sealed = keys.seal('secret:todo:TOKEN', text)
    expect(keys.open('secret:todo:TOKEN', sealed)).toBe(text)
  }
})

test('it shows nothing, and is another each time', () => {
  const [first, second] = [keys.seal('a', 'hush-hush-hush'), keys.seal('a', 'hush-hush-hush')]
  expect(first.equals(second)).toBe(false)
  expect(first.includes('hush')).toBe(false)
})

test('it does not open with another key, elsewhere, or changed', () => {
  const sealed = keys.seal('secret:todo:TOKEN', 'hush')
  expect(() => otherMaster.open('secret:todo:TOKEN', sealed)).toThrow()
  expect(() => keys.open('secret:shop:TOKEN', sealed)).toThrow()
  for (const at of sealed.keys()) {
    const changed = Buffer.from(sealed)
    changed[at] = (changed[at] ?? 0) ^ 1
    expect(() => keys.open('secret:todo:TOKEN', changed)).toThrow()
  }
  for (const length of [0, 11, 27, sealed.length - 1]) {
    expect(() => keys.open('secret:todo:TOKEN', sealed.subarray(0, length))).toThrow()
  }
})

test('secrets are compared whole, of any length', () => {
  expect(isSame('abc', 'abc')).toBe(true)
  expect(isSame('', '')).toBe(true)
  for (const other of ['abd', 'ab', 'abcd', '', 'ABC']) expect(isSame('abc', other)).toBe(false)
})

test('a hash is SHA-256; a made secret is long, new and says what it is', () => {
  expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(hashOf(Buffer.from('abc'))).toBe(hashOf('abc'))
  const made = Array.from({ length: 100 }, () => makeSecret('bt_'))
  expect(new Set(made).size).toBe(100)
  for (const one of made) expect(one).toMatch(/^bt_[\w-]{32}$/)
})
