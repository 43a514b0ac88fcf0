import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { sendJson, serveHttp } from '../testing/serve-http.ts'
import { createPlainTransport } from './plain-transport.ts'
import type { Call } from './transport.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function open(answer: Parameters<typeof serveHttp>[0], timeoutMs = 5_000) {
  const server = await serveHttp(answer)
  const transport = createPlainTransport({ url: `${server.url}/base/`, timeoutMs })
  closers.push(server.close, transport.close)
  return { server, transport }
}

/** A server that does with each connection what `behave` says. */
async function openRaw(behave: (socket: Socket) => void, timeoutMs = 5_000) {
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    connections += 1
    behave(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const transport = createPlainTransport({ url: `http://127.0.0.1:${port}`, timeoutMs })
  closers.push(transport.close, () => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>((resolve) => void server.close(() => resolve()))
  })
  return { transport, connections: () => connections }
}

const get: Call = { method: 'GET', path: '/api/me', repeatable: true }
const yes = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'

describe('a request', () => {
  test('says what node:http would say', async () => {
    const { server, transport } = await open((_, response) => sendJson(response, 200, { name: 'ä' }))
    const json = { text: 'ä'.repeat(100_000) }
    const answer = await transport.ask({ method: 'PUT', path: '/a%2Fb?x=1', token: 't', json, headers: { 'x-a': 'b' } })
    expect([answer.status, answer.body.toString()]).toEqual([200, '{"name":"ä"}'])
    const [heard] = server.heard
    expect([heard?.method, heard?.url]).toEqual(['PUT', '/base/a%2Fb?x=1'])
    expect(heard?.headers).toMatchObject({
      host: server.url.slice('http://'.length),
      authorization: 'Bearer t',
      'content-type': 'application/json',
      'x-a': 'b',
    })
    expect(JSON.parse(String(heard?.body))).toEqual(json)
  })

  test('carries bytes as they are', async () => {
    const { server, transport } = await open((_, response) => response.end())
    const bytes = Buffer.alloc(3_000_000, 0xfe)
    await transport.ask({ method: 'POST', path: '/', bytes })
    expect(server.heard[0]?.body.equals(bytes)).toBe(true)
  })

  test('goes over a kept connection, and over a new one while that is busy', async () => {
    const ports: (number | undefined)[] = []
    const { transport } = await open((_, response, request) => {
      ports.push(request.socket.remotePort)
      setTimeout(() => response.end('{}'), 20)
    })
    await transport.ask(get)
    await Promise.all([transport.ask(get), transport.ask(get)])
    expect(ports[1]).toBe(ports[0])
    expect(new Set(ports).size).toBe(2)
  })

  test.each([
    ['path', { path: '/a b' }],
    ['path', { path: '/a\r\nx: y' }],
    ['header', { token: 'a\r\nx: y' }],
  ])('cannot be continued by its %s', async (_, part) => {
    const { server, transport } = await open((_, response) => response.end())
    await expect(transport.ask({ ...get, ...part })).rejects.toThrow(TypeError)
    expect(server.heard).toEqual([])
  })
})

describe('no answer', () => {
  const unreachable = { code: 'STATE_UNREACHABLE', kind: 'unavailable' }

  test('refused', async () => {
    const { server, transport } = await open(() => {})
    await server.close()
    await expect(transport.ask(get)).rejects.toMatchObject(unreachable)
  })

  test('none within the limit, which a long poll moves', async () => {
    const { transport } = await open((_, response) => setTimeout(() => response.end('{}'), 150), 60)
    await expect(transport.ask(get)).rejects.toThrow(/nothing within 60 ms/)
    expect((await transport.ask({ ...get, waitMs: 5_000 })).status).toBe(200)
  })

  test.each([
    ['begins and does not end', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{')],
    ['is cut off', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{')],
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
    ['is no HTTP', (socket: Socket) => socket.write('SSH-2.0\r\n\r\n')],
  ])('one that %s', async (_, behave) => {
    const { transport } = await openRaw((socket) => socket.once('data', () => behave(socket)), 80)
    await expect(transport.ask(get)).rejects.toMatchObject(unreachable)
  })

  test('is no longer waited for once the signal aborts', async () => {
    const { transport } = await open(() => {})
    const stop = new AbortController()
    const reason = new Error('stopped')
    setTimeout(() => stop.abort(reason), 20)
    await expect(transport.ask({ ...get, signal: stop.signal })).rejects.toBe(reason)
    await expect(transport.ask({ ...get, signal: stop.signal })).rejects.toBe(reason)
  })
})

describe('a kept connection that turns out to be dead', () => {
  const endings: [string, (socket: Socket) => void][] = [
    ['reset', (socket) => socket.resetAndDestroy()],
    ['ended', (socket) => socket.end()],
  ]
  const atSecond = (end: (socket: Socket) => void) => (socket: Socket) => {
    let asked = 0
    socket.on('data', () => {
      asked += 1
      if (asked === 1) socket.write(yes)
      else end(socket)
    })
  }

  test.each(endings)('%s, is replaced once for a call that may be repeated', async (_, end) => {
    const { transport, connections } = await openRaw(atSecond(end))
    await transport.ask(get)
    await transport.ask(get)
    expect(connections()).toBe(2)
  })

  test.each(endings)('%s, is an error for a call that may not', async (_, end) => {
    const { transport, connections } = await openRaw(atSecond(end))
    await transport.ask(get)
    await expect(transport.ask({ ...get, repeatable: false })).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
    expect(connections()).toBe(1)
  })

  test('closed while nobody asked, it is not used at all', async () => {
    let closed: Promise<unknown> | undefined
    const { transport, connections } = await openRaw((socket) => {
      closed = once(socket, 'close')
      socket.once('data', () => socket.end(yes))
    })
    await transport.ask(get)
    await closed
    expect((await transport.ask({ ...get, repeatable: false })).status).toBe(200)
    expect(connections()).toBe(2)
  })
})
