import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMarathonClient, type Marathon } from './client.ts'
import { isTaskOver, type MarathonEvent } from './types.ts'

let server: Server
let marathon: Marathon
let answer: (request: IncomingMessage, response: ServerResponse) => void
const sockets = new Set<Socket>()

beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume()
    answer(request, response)
  })
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  marathon = createMarathonClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    timeoutMs: 1_000,
  })
})
afterEach(async () => {
  marathon.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

const always = (status: number, body: unknown) => {
  answer = (_request, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
}

test('a no is told by what it is, whatever the version of Marathon calls it', async () => {
  const nos: [status: number, body: unknown, code: string, words: RegExp][] = [
    [
      422,
      { message: 'Object is not valid', details: [{ path: '/cmd', errors: ['too short', 'odd'] }] },
      'MARATHON_REFUSED',
      /\/cmd: too short, odd/,
    ],
    [400, { message: 'Invalid JSON', details: 'Unexpected character' }, 'MARATHON_REFUSED', /Unexpected character/],
    [409, { message: 'App is locked by one or more deployments.', deployments: [] }, 'MARATHON_LOCKED', /locked/],
    [403, { message: 'Max number (100) of running deployments is achieved.' }, 'MARATHON_FULL', /Max number/],
    [403, { message: 'Not Authorized' }, 'MARATHON_UNAUTHORIZED', /password/],
    [401, '<html><h1>HTTP ERROR 401</h1></html>', 'MARATHON_UNAUTHORIZED', /password/],
    [502, '<html>Bad Gateway</html>', 'MARATHON_UNREACHABLE', /502 Bad Gateway/],
    [200, '<html>a proxy</html>', 'MARATHON_UNREACHABLE', /no JSON/],
  ]
  for (const [status, body, code, words] of nos) {
    always(status, body)
    const no = marathon.putApp('/a', { id: '/a', cmd: 'ls' })
    await expect(no).rejects.toMatchObject({ code, message: expect.stringMatching(words) })
  }
})

test('a name that is taken is no error, a lock is', async () => {
  always(409, { message: 'An app with id [/a] already exists.' })
  expect(await marathon.createApp({ id: '/a', cmd: 'ls' })).toBe('exists')
  always(409, { message: 'App is locked by one or more deployments.' })
  await expect(marathon.createApp({ id: '/a', cmd: 'ls' })).rejects.toMatchObject({ code: 'MARATHON_LOCKED' })
})

test('a call names the request that it is made for', async () => {
  const heard: unknown[] = []
  answer = (request, response) => {
    heard.push(request.headers['x-request-id'])
    response.writeHead(200).end('{}')
  }
  const { port } = server.address() as AddressInfo
  const client = createMarathonClient({ url: `http://127.0.0.1:${port}`, requestId: () => 'r-1' })
  await client.info()
  client.close()
  await marathon.info()
  expect(heard).toEqual(['r-1', undefined])
})

test('what is not there is nothing, not an error', async () => {
  always(404, { message: "App '/a' does not exist" })
  expect([await marathon.findApp('/a'), await marathon.listTasks('/a'), await marathon.deleteApp('/a')]).toEqual([
    undefined,
    [],
    'missing',
  ])
})

test('a Marathon that is silent, closed or gone is unreachable', async () => {
  answer = () => undefined
  await expect(marathon.info()).rejects.toMatchObject({ code: 'MARATHON_UNREACHABLE' })
  answer = (_request, response) => response.socket?.destroy()
  await expect(marathon.info()).rejects.toMatchObject({ code: 'MARATHON_UNREACHABLE', kind: 'unavailable' })
})

test('a kept connection that was closed meanwhile costs nothing but a new one', async () => {
  always(200, { name: 'marathon' })
  await marathon.info()
  let count = 0
  answer = (_request, response) => {
    count += 1
    if (count === 1) response.socket?.resetAndDestroy()
    else response.end('{"name":"marathon"}')
  }
  expect((await marathon.info()).name).toBe('marathon')
})

test('an id cannot lead elsewhere', async () => {
  let asked = ''
  answer = (request, response) => {
    asked = request.url ?? ''
    response.writeHead(404).end('{}')
  }
  await marathon.findApp('/a?force=true#x')
  expect(asked).toMatch(/^\/v2\/apps\/a%3Fforce%3Dtrue%23x\?embed=/)
  for (const bad of ['/../info', '', '/'])
    await expect(marathon.deleteApp(bad)).rejects.toMatchObject({ code: 'MARATHON_REFUSED' })
})

test('events come in frames cut anywhere; a broken stream is opened again and said to be', async () => {
  const frame = 'event: status_update_event\r\ndata: {"eventType":"status_update_event","taskId":"ä"}\r\n\r\n'
  const bytes = Buffer.from(frame)
  let streams = 0
  answer = async (request, response) => {
    expect([request.headers.accept, request.url]).toEqual([
      'text/event-stream',
      '/v2/events?event_type=status_update_event&plan-format=light',
    ])
    streams += 1
    if (streams === 1) return void response.writeHead(503).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('\r\n')
    response.write(bytes.subarray(0, bytes.indexOf(0xc3) + 1))
    await new Promise((resolve) => setImmediate(resolve))
    response.write(bytes.subarray(bytes.indexOf(0xc3) + 1))
    response.write('data: no json\n\n')
    if (streams < 3) response.end()
  }
  const stop = new AbortController()
  const events: MarathonEvent[] = []
  const told = { opened: 0, lost: 0 }
  await marathon.events({
    types: ['status_update_event'],
    signal: stop.signal,
    onOpen: () => (told.opened += 1),
    onLost: () => (told.lost += 1),
    onEvent: (event) => {
      events.push(event)
      if (events.length === 2) stop.abort()
    },
  })
  expect(events.map((event) => event.taskId)).toEqual(['ä', 'ä'])
  expect(told).toEqual({ opened: 2, lost: 1 })
})

test('only what ended for good is over', () => {
  expect(
    ['TASK_FINISHED', 'TASK_LOST', 'TASK_RUNNING', 'TASK_UNREACHABLE', 'TASK_NEW_IN_2030'].map(isTaskOver),
  ).toEqual([true, true, false, false, false])
})
