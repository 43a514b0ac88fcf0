import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
  type RequestOptions,
} from 'node:http'
import { errors } from '../errors.ts'

/** Answers are lists of apps with tasks; one beyond this is no answer of Marathon. */
const answerBytesMax = 64 * 1024 * 1024
const connectionsMax = 16

export interface TransportOptions {
  readonly url: string
  readonly user?: string
  readonly password?: string
  readonly timeoutMs: number
  readonly requestId?: () => string | undefined
}

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Another server of the same cluster. */
  readonly url?: string
}

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

/**
 * HTTP over Node's own client with one keep-alive agent. It lives in every service, where undici would cost 17 MB and
 * more start time than all the rest of this client.
 */
export class Transport {
  readonly #options: TransportOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: connectionsMax })

  constructor(options: TransportOptions) {
    this.#options = options
  }

  get url(): string {
    return this.#options.url
  }

  /** Asks and reads the whole answer, whatever its status. @throws MARATHON_UNREACHABLE */
  async ask(ask: Ask): Promise<Answer> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs)
    try {
      const response = await this.#sendTwice(ask, signal)
      return { status: response.statusCode ?? 0, body: await readAll(response) }
    } catch (error) {
      throw this.unreachable(error)
    }
  }

  /** Asks and gives the answer as a stream; ends with `signal`. No time limit beyond the first byte of the answer. */
  async open(ask: Ask, signal: AbortSignal): Promise<IncomingMessage> {
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(new Error('no answer in time')), this.#options.timeoutMs)
    try {
      return await this.#send(ask, AbortSignal.any([signal, patience.signal]), undefined)
    } catch (error) {
      throw this.unreachable(error)
    } finally {
      clearTimeout(timer)
    }
  }

  unreachable(error: unknown): Error {
    const reason = error instanceof Error ? error.message || error.name : String(error)
    return errors.MARATHON_UNREACHABLE({ url: withoutPassword(this.url), reason }, error)
  }

  close(): void {
    this.#agent.destroy()
  }

  /** A kept connection may have been closed by the other side just now; then a fresh one gets the same request. */
  async #sendTwice(ask: Ask, signal: AbortSignal): Promise<IncomingMessage> {
    const first: { request?: ClientRequest } = {}
    try {
      return await this.#send(ask, signal, this.#agent, first)
    } catch (error) {
      const isStale = first.request?.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      if (!isStale || signal.aborted) throw error
      return this.#send(ask, signal, undefined)
    }
  }

  async #send(
    ask: Ask,
    signal: AbortSignal,
    agent: Agent | undefined,
    made: { request?: ClientRequest } = {},
  ): Promise<IncomingMessage> {
    const address = new URL(`${(ask.url ?? this.url).replace(/\/+$/, '')}${ask.path}`)
    const isTls = address.protocol === 'https:'
    const send = isTls ? (await import('node:https')).request : plainRequest
    const text = ask.body === undefined ? undefined : JSON.stringify(ask.body)
    const options: RequestOptions = { method: ask.method, signal, headers: this.#headers(ask, address, text) }
    return new Promise((resolve, reject) => {
      // An undefined agent would mean Node's shared one.
      const request = send(address, isTls ? options : { ...options, agent: agent ?? false }, resolve)
      made.request = request
      request.on('error', reject)
      request.end(text)
    })
  }

  #headers(ask: Ask, address: URL, text: string | undefined): Record<string, string> {
    const user = this.#options.user ?? decodeURIComponent(address.username)
    const password = this.#options.password ?? decodeURIComponent(address.password)
    const requestId = this.#options.requestId?.()
    return {
      accept: 'application/json',
      ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
      ...(password ? { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } : {}),
      ...(text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
      ...ask.headers,
    }
  }
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes > answerBytesMax) throw new Error(`the answer is longer than ${answerBytesMax} bytes`)
  }
  return Buffer.concat(chunks)
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@')
}
