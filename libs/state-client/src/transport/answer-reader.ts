import type { Answer } from './transport.ts'

/** What a connection gave: an answer, and whether the next one may come over the same connection. */
export interface ReadAnswer extends Answer {
  readonly stays: boolean
}

export interface AnswerReader {
  /** The next bytes of the connection. @returns the answer once it is whole. @throws on what is no answer */
  feed(bytes: Buffer): ReadAnswer | undefined
  /** The other side said no more. @returns the answer, if that is how its end is told */
  end(): ReadAnswer | undefined
  /** Whether its head has come. */
  readonly hasBegun: boolean
}

/** A whole head is far smaller. */
const headBytesMax = 65_536
const headEnd = Buffer.from('\r\n\r\n')

interface Head {
  readonly status: number
  readonly headers: Answer['headers']
  readonly bodyAt: number
  readonly stays: boolean
}

/** Reads one HTTP/1.1 answer out of bytes as they come (RFC 9112): by length, in chunks, or until the end. */
export function createAnswerReader(bytesMax: number): AnswerReader {
  let bytes: Buffer = Buffer.alloc(0)
  let head: Head | undefined

  function findHead(): Head | undefined {
    for (;;) {
      const end = bytes.indexOf(headEnd)
      if (end < 0 && bytes.length > headBytesMax) throw new Error('its head does not end')
      if (end < 0) return undefined
      const found = readHead(bytes.toString('latin1', 0, end), end + headEnd.length)
      if (found.status >= 200) return found
      bytes = bytes.subarray(found.bodyAt) // 1xx is only a word on the way.
    }
  }

  function findAnswer(isEnd: boolean): ReadAnswer | undefined {
    head ??= findHead()
    if (head === undefined) return undefined
    const { status, headers, stays } = head
    const rest = bytes.subarray(head.bodyAt)
    const body = findBody(head, rest, isEnd)
    return body && { status, headers, body: body.bytes, stays: stays && !isEnd && body.used === rest.length }
  }
  return {
    feed(chunk) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      if (bytes.length > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`)
      return findAnswer(false)
    },
    end: () => findAnswer(true),
    get hasBegun() {
      return head !== undefined
    },
  }
}

function readHead(text: string, bodyAt: number): Head {
  const [first = '', ...lines] = text.split('\r\n')
  const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? []
  if (status === undefined) throw new Error('it does not speak HTTP/1.1')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const stays = minor === '1' && !/\bclose\b/i.test(headers['connection'] ?? '')
  return { status: Number(status), headers, bodyAt, stays }
}

interface Body {
  readonly bytes: Buffer
  /** Bytes of the connection that it took. More than that belongs to nothing that was asked. */
  readonly used: number
}

function findBody({ status, headers }: Head, bytes: Buffer, isEnd: boolean): Body | undefined {
  if (status === 204 || status === 304) return { bytes: Buffer.alloc(0), used: 0 }
  if (/\bchunked\b/i.test(headers['transfer-encoding'] ?? '')) return findChunked(bytes)
  const length = headers['content-length']
  if (length === undefined) return isEnd ? { bytes, used: bytes.length } : undefined
  if (!/^\d+$/.test(length)) throw new Error('it does not say how long its answer is')
  const used = Number(length)
  return bytes.length < used ? undefined : { bytes: bytes.subarray(0, used), used }
}

const lineEnd = Buffer.from('\r\n')

/** `<hex>\r\n<bytes>\r\n` again and again, then `0\r\n`, lines that nobody reads, and an empty one. */
function findChunked(bytes: Buffer): Body | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf(lineEnd, at)
    if (end < 0) return undefined
    const size = /^[0-9a-f]{1,8}/i.exec(bytes.toString('latin1', at, end))?.[0]
    if (size === undefined) throw new Error('its answer is cut into chunks that have no length')
    const from = end + lineEnd.length
    const to = from + Number.parseInt(size, 16)
    if (to === from) return findLast(parts, bytes, end)
    if (bytes.length < to + lineEnd.length) return undefined
    parts.push(bytes.subarray(from, to))
    at = to + lineEnd.length
  }
}

/** The last chunk's line ends at `end`: what follows up to an empty line are trailers. */
function findLast(parts: Buffer[], bytes: Buffer, end: number): Body | undefined {
  const last = bytes.indexOf(headEnd, end)
  return last < 0 ? undefined : { bytes: Buffer.concat(parts), used: last + headEnd.length }
}
