import { expect, test } from 'vitest'
import { messageBytesMax, messageOf } from './message.ts'

const esc = '\u001b'

test.each([
  ['plain text stays', 'a.ts(1,1): error\n  at b', 'a.ts(1,1): error\n  at b'],
  ['nothing is nothing', '', ''],
  ['white space around it is cut', '\n\n  a\n\n', 'a'],
  ['line ends are of one kind', 'a\r\nb\r\n', 'a\nb'],
  ['colours are left out', `${esc}[31merror${esc}[0m ${esc}[1;38;5;9mbold${esc}[m`, 'error bold'],
  ['links and titles of a terminal too', `${esc}]8;;https://x${esc}\\here${esc}]8;;\u0007 ${esc}]0;t\u0007x`, 'here x'],
  ['cursor moves too', `a${esc}[2K${esc}[1Gb${esc}M`, 'ab'],
  ['control characters too, tabs not', 'a\u0000b\u0007c\td\u007f', 'abc\td'],
  ['what is no UTF-8 is replaced', Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb'],
])('%s', (_what, said, message) => {
  expect(messageOf(Buffer.from(said))).toBe(message)
})

test('of a long output it is the end, in whole lines', () => {
  const lines = Array.from({ length: 1_000 }, (_, n) => `line ${n}`)
  const message = messageOf(Buffer.from(lines.join('\n')))
  expect(message.length).toBeLessThanOrEqual(messageBytesMax)
  expect(message.length).toBeGreaterThan(messageBytesMax / 2)
  expect(lines).toContain(message.split('\n')[0])
  expect(message.endsWith('line 999')).toBe(true)
})

test('one that just fits is kept whole; one line that does not fit is its end', () => {
  const fits = `first\n${'x'.repeat(messageBytesMax - 6)}`
  expect(messageOf(Buffer.from(fits))).toBe(fits)
  expect(messageOf(Buffer.from('y'.repeat(messageBytesMax * 2)))).toBe('y'.repeat(messageBytesMax))
})
