import { expect, test } from 'vitest'
import { nameInWords, sizeInWords, timeInWords } from './words.ts'

test.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.5 KiB'],
  [150 * 2 ** 20, '150 MiB'],
  [2 ** 70, '1048576 PiB'],
])('%d bytes are %s', (bytes, words) => expect(sizeInWords(bytes)).toBe(words))

test.each([
  [0, '0 s'],
  [59.6, '1 min 0 s'],
  [93_784, '1 d 2 h'],
])('%d seconds are %s', (seconds, words) => expect(timeInWords(seconds)).toBe(words))

test('a name is read as words', () => expect(nameInWords('graphiteIntervalMs')).toBe('graphite interval ms'))
test('a unit that its value is shown with is not said twice', () => expect(nameInWords('uptimeSeconds')).toBe('uptime'))
