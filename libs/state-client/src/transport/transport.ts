import {
  type Agent,
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { stateErrors } from '../errors.ts'

/** One request. The path starts at the root of the controller's address. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly token?: string | undefined
  /** The body: a value sent as JSON, or bytes as they are. */
  readonly json?: unknown
  readonly bytes?: Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** How much longer than usual the answer may take, in ms: a long poll. */
  readonly waitMs?: number
  /** May be sent again over a new connection when a kept one turns out to be dead. Never set where a repeat does a thing twice. */
  readonly repeatable?: boolean
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface Transport {
  readonly url: string
  /** Sends and reads the whole answer. @throws STATE_UNREACHABLE; the signal's reason when aborted */
  ask(call: Call): Promise<Answer>
  /** Sends and resolves once the answer begins; the caller reads the stream. @throws as `ask` */
  open(call: Call): Promise<IncomingMessage>
  /** Ends the connections that are kept. */
  close(): void
}

/** Largest answer that is read, in bytes. Output is asked for in ranges, so nothing comes near it. */
const answerBytesMax = 64 * 1024 * 1024
const keptConnectionsMax = 16

export interface TransportOptions {
  readonly url: string
  readonly timeoutMs?: number
  /** The id of the request that a call is made for, if it is made for one: sent as `x-request-id`. */
  readonly requestId?: () => string | undefined
}

/** Connections to one controller. Only `node:http` is loaded before the first call, `node:https` when it is needed. */
export function createTransport(options: TransportOptions): Transport {
  const base = new URL(options.url)
  const url = options.url.replace(/\/+$/, '')
  const timeoutMs = options.timeoutMs ?? 15_000
  const lane = base.protocol === 'https:' ? secureLane() : plainLane()

  const start = async (call: Call, fresh: boolean): Promise<ClientRequest> => {
    const headers: Record<string, string> = { ...call.headers }
    const requestId = options.requestId?.()
    if (requestId !== undefined) headers['x-request-id'] = requestId
    const { request, agent } = await lane
    if (call.token !== undefined) headers['authorization'] = `Bearer ${call.token}`
    const body = bodyOf(call, headers)
    const sent = request(url + call.path, {
      method: call.method,
      headers,
      agent: fresh ? false : agent,
      ...(call.signal && { signal: call.signal }),
    })
    sent.end(body)
    return sent
  }

  const once = async (call: Call, fresh: boolean): Promise<IncomingMessage> => {
    call.signal?.throwIfAborted()
    const sent = await start(call, fresh)
    return await answerOf(sent, timeoutMs + (call.waitMs ?? 0), url, call.signal)
  }

  const open = async (call: Call): Promise<IncomingMessage> => {
    try {
      return await once(call, false)
    } catch (error) {
      // A kept connection that the other side closed a moment ago says nothing about the controller: ask on a new one.
      if (call.repeatable && isDeadConnection(error)) return await once(call, true)
      throw error
    }
  }

  return {
    url,
    open,
    ask: async (call) => {
      const answer = await open(call)
      const body = await readBody(answer, url, timeoutMs, call.signal)
      return { status: answer.statusCode ?? 0, headers: answer.headers, body }
    },
    close: () => void lane.then(({ agent }) => agent.destroy()),
  }
}

interface Lane {
  readonly request: typeof httpRequest
  readonly agent: Agent
}

const agentOptions = { keepAlive: true, maxFreeSockets: keptConnectionsMax, noDelay: true }

async function plainLane(): Promise<Lane> {
  return { request: httpRequest, agent: new HttpAgent(agentOptions) }
}

async function secureLane(): Promise<Lane> {
  const https = await import('node:https')
  return { request: https.request as typeof httpRequest, agent: new https.Agent(agentOptions) }
}

function bodyOf(call: Call, headers: Record<string, string>): Buffer | string | undefined {
  const body = call.bytes ?? (call.json === undefined ? undefined : JSON.stringify(call.json))
  if (body === undefined) return undefined
  headers['content-type'] = call.bytes === undefined ? 'application/json' : 'application/octet-stream'
  headers['content-length'] = String(Buffer.byteLength(body))
  return body
}

/** The connection was a kept one, and ended before a byte of an answer. */
class DeadConnection extends Error {}
const isDeadConnection = (error: unknown): boolean => error instanceof Error && error.cause instanceof DeadConnection

function answerOf(
  sent: ClientRequest,
  limitMs: number,
  url: string,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => sent.destroy(new Error(`nothing within ${limitMs} ms`)), limitMs)
    sent.once('response', (answer) => {
      clearTimeout(timer)
      resolve(answer)
    })
    // Stays for good: an error after the answer began comes out of the answer's own stream.
    sent.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      if (signal?.aborted) return reject(signal.reason)
      const dead = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(unreachable(url, error, dead ? new DeadConnection(error.message) : error))
    })
  })
}

async function readBody(
  answer: IncomingMessage,
  url: string,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  const timer = setTimeout(() => answer.destroy(new Error(`the answer did not end within ${limitMs} ms`)), limitMs)
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > answerBytesMax) throw new Error(`the answer is larger than ${answerBytesMax} bytes`)
      chunks.push(chunk)
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    throw unreachable(url, error, error)
  } finally {
    clearTimeout(timer)
  }
}

/** STATE_UNREACHABLE, with the reason as people know it. */
export function unreachable(url: string, error: unknown, cause: unknown = error): Error {
  const { code, message } = error as NodeJS.ErrnoException
  return stateErrors.STATE_UNREACHABLE({ url, why: message || code || 'no reason given' }, cause)
}
