import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, ask as askAgain } from './ask.ts'

/** A request as it went by. */
export interface Heard {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** An address that passes everything on to another one, and keeps what went by: what a process says can be said again. */
export interface WireTap {
  readonly url: string
  readonly heard: readonly Heard[]
  /** Sends a request again, byte for byte. */
  replay(heard: Heard): Promise<Answer>
  close(): Promise<void>
}

/** Headers that are about one connection, not about the request. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host', 'content-length', 'expect'])

export async function startWireTap(target: string): Promise<WireTap> {
  const heard: Heard[] = []
  const server = createServer((request, response) => void pass(target, request, response, heard))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    replay: ({ method, path, headers, body }) => askAgain(`${target}${path}`, { method, headers, body }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function pass(target: string, request: IncomingMessage, response: ServerResponse, heard: Heard[]): Promise<void> {
  const body = await read(request)
  const { method = 'GET', url: path = '/' } = request
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      ofConnection.has(name) || value === undefined ? [] : [[name, String(value)] as const],
    ),
  )
  const length = body.length > 0 || method !== 'GET' ? { 'content-length': body.length } : {}
  heard.push({ method, path, headers, body })
  const onward = ask(`${target}${path}`, { method, headers: { ...headers, ...length } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  // Whoever asked hears what it would have heard: no answer.
  onward.on('error', () => response.destroy())
  response.on('close', () => onward.destroy())
  onward.end(body)
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
