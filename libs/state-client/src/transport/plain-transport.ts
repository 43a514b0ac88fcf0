import { type Connection, openConnection, Unanswered } from './connection.ts'
import {
  type Answer,
  answerBytesMax,
  type Call,
  createTransport,
  keptConnectionsMax,
  partsOf,
  type Transport,
  type TransportOptions,
  timeoutUsualMs,
  unreachable,
} from './transport.ts'

/** Asks, and reads answers whole. */
export type Asker = Pick<Transport, 'url' | 'ask' | 'close'>

/**
 * The same as `createTransport` for whoever only asks, without `node:http`: loading and warming it up costs a process
 * 15 ms before its first answer. Over TLS it is that transport.
 */
export function createPlainTransport(options: TransportOptions): Asker {
  const base = new URL(options.url)
  if (base.protocol !== 'http:') return createTransport(options)
  const url = options.url.replace(/\/+$/, '')
  const idle: Connection[] = []
  const limitsOf = ({ waitMs = 0, signal }: Call) => {
    const endMs = options.timeoutMs ?? timeoutUsualMs
    return { beginMs: endMs + waitMs, endMs, bytesMax: answerBytesMax, signal }
  }

  async function ask(call: Call): Promise<Answer> {
    const request = requestOf(base, call)
    for (let connection = takeIdle(idle) ?? open(base); ; connection = open(base)) {
      call.signal?.throwIfAborted()
      try {
        const { stays, ...answer } = await connection.ask(request, limitsOf(call))
        if (stays && idle.length < keptConnectionsMax) idle.push(connection)
        else connection.close()
        return answer
      } catch (error) {
        call.signal?.throwIfAborted()
        // A kept connection that the other side closed a moment ago says nothing about the controller: ask on a new one.
        if (!(call.repeatable && connection.isKept && isUnanswered(error))) throw unreachable(url, error)
      }
    }
  }
  return {
    url,
    ask,
    close() {
      for (const connection of idle.splice(0)) connection.close()
    },
  }
}

function open({ hostname, port }: URL): Connection {
  return openConnection(hostname.replace(/^\[|\]$/g, ''), Number(port || 80))
}

function takeIdle(idle: Connection[]): Connection | undefined {
  for (;;) {
    const connection = idle.pop()
    if (connection === undefined || connection.isOpen) return connection
  }
}

function isUnanswered(error: unknown): boolean {
  if (error instanceof Unanswered) return true
  const { code } = error as NodeJS.ErrnoException
  return code === 'ECONNRESET' || code === 'EPIPE'
}

const pathPattern = /^\/[\x21-\x7e]*$/
const valuePattern = /^[\t\x20-\x7e]*$/

/** The bytes of a request. @throws TypeError on what could end a line and begin another one */
function requestOf(base: URL, call: Call): (string | Buffer)[] {
  const { headers, body } = partsOf(call)
  const path = base.pathname.replace(/\/+$/, '') + call.path
  if (!pathPattern.test(path)) throw new TypeError('the path of a request has characters that have to be encoded')
  const lines = [`${call.method} ${path} HTTP/1.1`, `host: ${base.host}`]
  for (const [name, value] of Object.entries(headers)) {
    if (!valuePattern.test(value)) throw new TypeError(`the header ${name} has characters that no header may have`)
    lines.push(`${name}: ${value}`)
  }
  const head = `${lines.join('\r\n')}\r\n\r\n`
  return body === undefined ? [head] : [head, body]
}
