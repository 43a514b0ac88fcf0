import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAnswerReader, type ReadAnswer } from './answer-reader.ts'

const bytesMax = 100_000

/** Feeds the text in pieces that end at `cuts`, and tells the end if `isEnd`. */
function read(text: string, { cuts = [] as number[], isEnd = false } = {}): ReadAnswer | undefined {
  const reader = createAnswerReader(bytesMax)
  const bytes = Buffer.from(text, 'latin1')
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  let answer: ReadAnswer | undefined
  for (const [at, from] of places.slice(0, -1).entries()) answer ??= reader.feed(bytes.subarray(from, places[at + 1]))
  return answer ?? (isEnd ? reader.end() : undefined)
}

const shown = (answer: ReadAnswer | undefined) =>
  answer && { ...answer, headers: { ...answer.headers }, body: answer.body.toString('latin1') }

const whole: [name: string, text: string, expected: { status: number; body: string; stays: boolean }][] = [
  ['by length', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc', { status: 200, body: 'abc', stays: true }],
  ['of no length', 'HTTP/1.1 409 Conflict\r\nContent-Length:0\r\n\r\n', { status: 409, body: '', stays: true }],
  ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '', stays: true }],
  ['without a phrase', 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\na', { status: 200, body: 'a', stays: true }],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\na\r\n\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
    { status: 200, body: 'a\r\n0123456789', stays: true },
  ],
  [
    'in chunks with a trailer',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n',
    { status: 200, body: 'a', stays: true },
  ],
  [
    'after a word on the way',
    'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na',
    { status: 200, body: 'a', stays: true },
  ],
  [
    'that is the last one',
    'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na',
    { status: 200, body: 'a', stays: false },
  ],
  ['of an old server', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', { status: 200, body: 'a', stays: false }],
]

describe('an answer', () => {
  test.each(whole)('%s is read, however its bytes are cut', (_, text, expected) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
        expect(shown(read(text, { cuts }))).toMatchObject(expected)
      }),
    )
  })

  test.each(whole)('%s is none before its last byte came', (_, text) => {
    for (let length = 0; length < text.length; length += 1) expect(read(text.slice(0, length))).toBeUndefined()
  })

  test('until the end is whole at the end, and nothing comes after it', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nabc'
    expect(read(text)).toBeUndefined()
    expect(shown(read(text, { isEnd: true }))).toMatchObject({ body: 'abc', stays: false })
  })

  test('that is followed by something nobody asked for ends the connection', () => {
    expect(read('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 200 OK\r\n')?.stays).toBe(false)
  })

  test('names its headers in lower case', () => {
    expect(read('HTTP/1.1 204 No\r\nX-Request-Id:  a:b \r\n\r\n')?.headers).toMatchObject({ 'x-request-id': 'a:b' })
  })
})

test.each([
  ['a greeting of something else', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['a length that is none', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n'],
  ['a chunk without a length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'],
  ['a head that does not end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`],
  ['more than may come', `HTTP/1.1 200 OK\r\n\r\n${'y'.repeat(bytesMax)}`],
])('%s is no answer', (_, text) => {
  expect(() => read(text)).toThrow()
})
