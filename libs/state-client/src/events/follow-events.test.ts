import type { ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createStateClient } from '../client/state-client.ts'
import { sendJson, serveHttp } from '../testing/serve-http.ts'
import type { StateEvent } from '../wire/event.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function open(answer: Parameters<typeof serveHttp>[0]) {
  const server = await serveHttp(answer)
  const client = createStateClient({ url: server.url })
  closers.push(server.close, client.close)
  return { server, client }
}

const frame = (id: number) => `id: ${id}\nevent: build\ndata: ${JSON.stringify({ id, type: 'build', topics: [] })}\n\n`
const stream = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' })

test('goes on after a break where it was', async () => {
  let opened = 0
  const { server, client } = await open((_, response) => {
    opened += 1
    if (opened === 1) stream(response).write(`${frame(4)}: heartbeat\n\n${frame(5)}`, () => response.destroy())
    else stream(response).write(frame(6))
  })
  const stop = new AbortController()
  const seen: number[] = []
  let opens = 0
  await client.followEvents({
    topics: ['overview', 'build:todo#1'],
    lastId: 3,
    signal: stop.signal,
    onOpen: () => {
      opens += 1
    },
    onEvent: (event: StateEvent) => {
      seen.push(event.id)
      if (event.id === 6) stop.abort()
    },
  })
  expect(seen).toEqual([4, 5, 6])
  expect(opens).toBe(2)
  expect(server.heard.map((heard) => heard.headers['last-event-id'])).toEqual(['3', '5'])
  expect(server.heard[0]?.url).toBe('/api/events?topic=overview&topic=build%3Atodo%231')
})

test('says when what lies between is gone', async () => {
  const { client } = await open((_, response) =>
    stream(response).write(`id: 90\nevent: reset\ndata: {}\n\n${frame(91)}`),
  )
  const stop = new AbortController()
  const seen: (number | 'reset')[] = []
  await client.followEvents({
    topics: [],
    signal: stop.signal,
    onReset: () => seen.push('reset'),
    onEvent: ({ id }) => {
      seen.push(id)
      stop.abort()
    },
  })
  expect(seen).toEqual(['reset', 91])
})

test('waits for a controller that is away', async () => {
  let asked = 0
  const stop = new AbortController()
  const { client } = await open((_, response) => {
    asked += 1
    if (asked < 3) sendJson(response, 503, { code: 'STOPPING', detail: 'it stops' })
    else stream(response).write(frame(1))
  })
  const breaks: unknown[] = []
  await client.followEvents({
    topics: [],
    signal: stop.signal,
    onBreak: (error) => breaks.push((error as { code: string }).code),
    onEvent: () => stop.abort(),
  })
  expect(breaks).toEqual(['STOPPING', 'STOPPING'])
})

test('gives up where waiting does not help', async () => {
  const { client } = await open((_, response) => sendJson(response, 401, { code: 'TOKEN_UNKNOWN', detail: 'no' }))
  const { signal } = new AbortController()
  await expect(client.followEvents({ topics: [], signal, onEvent: () => {} })).rejects.toMatchObject({
    code: 'TOKEN_UNKNOWN',
  })
})

test('an error of the reader is the reader’s', async () => {
  const { client } = await open((_, response) => stream(response).write(frame(1)))
  const { signal } = new AbortController()
  const following = client.followEvents({
    topics: [],
    signal,
    onEvent: () => {
      throw new Error('my own')
    },
  })
  await expect(following).rejects.toThrow('my own')
})
