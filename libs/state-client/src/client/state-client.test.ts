import { createServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Heard, sendJson, serveHttp } from '../testing/serve-http.ts'
import { createStateClient } from './state-client.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function open(answer: Parameters<typeof serveHttp>[0], timeoutMs?: number) {
  const server = await serveHttp(answer)
  const client = createStateClient({ url: server.url, token: 'secret-1', ...(timeoutMs && { timeoutMs }) })
  closers.push(server.close, client.close)
  return { server, client }
}

const said = (heard: Heard | undefined) => `${heard?.method} ${heard?.url}`

describe('a call', () => {
  test('shows the token, encodes the path and reads the answer', async () => {
    const { server, client } = await open((_, response) => sendJson(response, 200, { number: 3 }))
    expect(await client.getBuild('todo/deploy', 3)).toEqual({ number: 3 })
    expect(said(server.heard[0])).toBe('GET /api/builds/todo%2Fdeploy/3')
    expect(server.heard[0]?.headers.authorization).toBe('Bearer secret-1')
  })

  test('is made by another caller with withToken, over the same connection', async () => {
    const ports = new Set<number | undefined>()
    const { server, client } = await open((_, response, request) => {
      ports.add(request.socket.remotePort)
      sendJson(response, 200, [])
    })
    await client.listPipelines()
    await client.withToken('secret-2').listPipelines()
    expect(server.heard.map((heard) => heard.headers.authorization)).toEqual(['Bearer secret-1', 'Bearer secret-2'])
    expect(ports.size).toBe(1)
  })

  test('names the request that it is made for, if it is made for one', async () => {
    const server = await serveHttp((_, response) => sendJson(response, 200, []))
    let requestId: string | undefined = 'r-1'
    const client = createStateClient({ url: server.url, requestId: () => requestId })
    closers.push(server.close, client.close)
    await client.withToken('other').listPipelines()
    requestId = undefined
    await client.listPipelines()
    expect(server.heard.map((heard) => heard.headers['x-request-id'])).toEqual(['r-1', undefined])
  })

  test('leaves out of a query what is not asked for', async () => {
    const { server, client } = await open((_, response) => sendJson(response, 200, []))
    await client.listBuilds({ pipeline: '~todo', limit: 5 })
    expect(said(server.heard[0])).toBe('GET /api/builds?pipeline=%7Etodo&limit=5')
  })

  test('finds nothing where the controller knows nothing, and only there', async () => {
    const { client } = await open(({ url }, response) =>
      sendJson(response, 404, { code: url.endsWith('/todo') ? 'REPOSITORY_UNKNOWN' : 'ROUTE_UNKNOWN', detail: 'no' }),
    )
    expect(await client.findRepository('todo')).toBeUndefined()
    await expect(client.getRepository('todo')).rejects.toMatchObject({ code: 'REPOSITORY_UNKNOWN', kind: 'missing' })
    await expect(client.findRepository('other')).rejects.toMatchObject({ code: 'ROUTE_UNKNOWN' })
  })

  test('reads output as bytes, with what the headers tell', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0a])
    const { server, client } = await open((_, response) =>
      response.writeHead(200, { 'x-baton-output-total': '9', 'x-baton-output-ended': 'true' }).end(bytes),
    )
    const piece = await client.readOutput('todo', 1, '2.1', { offset: 6, limitBytes: 3 })
    expect(piece).toEqual({ bytes, total: 9, ended: true })
    expect(said(server.heard[0])).toBe('GET /api/builds/todo/1/output/2.1?offset=6&limit=3')
  })
})

describe('work', () => {
  test('is taken, and there may be none', async () => {
    let answers = 0
    const { client } = await open((_, response) => {
      answers += 1
      if (answers === 1) response.writeHead(204).end()
      else sendJson(response, 200, { id: 'w1', kind: 'sweep', epoch: 2, leaseMs: 30_000, payload: {} })
    })
    const take = { kinds: ['sweep' as const], owner: 'me', waitMs: 0 }
    expect(await client.take(take)).toBeUndefined()
    expect(await client.take(take)).toMatchObject({ id: 'w1', epoch: 2 })
  })

  test('is handed in and given back under its epoch', async () => {
    const { server, client } = await open((_, response) => response.writeHead(204).end())
    const work = { id: 'w/1', kind: 'place-build' as const, epoch: 7 }
    await client.done(work, { refused: null })
    await client.release(work, 12.4, 'x'.repeat(900))
    expect(server.heard.map(said)).toEqual(['POST /api/work/w%2F1/done', 'POST /api/work/w%2F1/release'])
    expect(JSON.parse(String(server.heard[0]?.body))).toEqual({ epoch: 7, outcome: { refused: null } })
    const release = JSON.parse(String(server.heard[1]?.body))
    expect(release).toMatchObject({ epoch: 7, afterMs: 12 })
    expect(release.why).toHaveLength(500)
  })

  test('is no longer waited for once the signal aborts', async () => {
    const { client } = await open(() => {})
    const stop = new AbortController()
    const taking = client.take({ kinds: ['sweep'], owner: 'me', waitMs: 20_000 }, stop.signal)
    const reason = new Error('stopped')
    setTimeout(() => stop.abort(reason), 20)
    await expect(taking).rejects.toBe(reason)
  })

  test('a client with a signal ends all its calls', async () => {
    const { client } = await open(() => {})
    const stop = new AbortController()
    const call = client.withSignal(stop.signal).listPipelines()
    stop.abort(new Error('stopped'))
    await expect(call).rejects.toThrow('stopped')
    await expect(client.withSignal(stop.signal).me()).rejects.toThrow('stopped')
  })
})

describe('a no', () => {
  test('has the code, the kind, the fields and the hint of the controller', async () => {
    const problem = { code: 'EVENTS_GAP', detail: 'event 4 is wanted', hint: 'go on there', fields: { want: 4 } }
    const { client } = await open((_, response) => sendJson(response, 409, problem))
    const no = client.attempts('todo', 1, 1).events({ from: 9, events: [] })
    await expect(no).rejects.toMatchObject({
      name: 'BatonError',
      code: 'EVENTS_GAP',
      kind: 'conflict',
      message: 'event 4 is wanted',
      fields: { want: 4 },
      hint: 'go on there',
    })
  })

  test('503 with a code keeps it; 502, 503 and 504 without one are nobody', async () => {
    const answers: [number, unknown][] = [
      [503, { code: 'STOPPING', detail: 'it stops' }],
      [502, 'Bad Gateway'],
      [503, '<html>'],
      [504, null],
      [500, { code: 'INTERNAL', detail: 'a bug' }],
      [500, 'oops'],
    ]
    const { client } = await open((_, response) => sendJson(response, ...(answers.shift() ?? [200, {}])))
    const expected = ['STOPPING', 'STATE_UNREACHABLE', 'STATE_UNREACHABLE', 'STATE_UNREACHABLE', 'INTERNAL']
    for (const code of [...expected, 'STATE_ANSWER_UNREADABLE']) {
      await expect(client.me()).rejects.toMatchObject({ code, kind: 'unavailable' })
    }
  })

  test('a yes that is not JSON is said to be unreadable', async () => {
    const { client } = await open((_, response) => response.end('<html>'))
    await expect(client.me()).rejects.toMatchObject({ code: 'STATE_ANSWER_UNREADABLE' })
  })
})

describe('no answer', () => {
  test('refused', async () => {
    const { server, client } = await open(() => {})
    await server.close()
    await expect(client.me()).rejects.toMatchObject({ code: 'STATE_UNREACHABLE', kind: 'unavailable' })
  })

  test('none within the limit', async () => {
    const { client } = await open(() => {}, 80)
    await expect(client.me()).rejects.toThrow(/nothing within 80 ms/)
  })

  test('one that begins and does not end', async () => {
    const { client } = await open((_, response) => response.writeHead(200, { 'content-length': '10' }).write('{'), 80)
    await expect(client.me()).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
  })

  test('one that is cut', async () => {
    const { client } = await open((_, response, request) => {
      response.writeHead(200, { 'content-length': '10' }).write('{', () => request.socket.destroy())
    })
    await expect(client.me()).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
  })
})

/** Answers the first request of each connection, and drops the connection at the second. */
async function serveOnceEach() {
  let requests = 0
  const server = createServer((socket) => {
    let seen = 0
    socket.on('error', () => {})
    socket.on('data', () => {
      requests += 1
      seen += 1
      if (seen > 1) return socket.resetAndDestroy()
      return socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  return { url: `http://127.0.0.1:${port}`, requests: () => requests }
}

describe('a kept connection that turns out to be dead', () => {
  test('is replaced once for a call that may be repeated', async () => {
    const { url, requests } = await serveOnceEach()
    const client = createStateClient({ url })
    closers.push(client.close)
    await client.me()
    await client.me()
    expect(requests()).toBe(3)
  })

  test('is an error for a call that may not', async () => {
    const { url, requests } = await serveOnceEach()
    const client = createStateClient({ url })
    closers.push(client.close)
    await client.me()
    await expect(client.retrigger('todo', 1)).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
    expect(requests()).toBe(2)
  })
})
