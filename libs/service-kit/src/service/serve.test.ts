import assert from 'node:assert/strict'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, test, vi } from 'vitest'
import { createLog } from '../log/log.ts'
import { type Component, type ServeOptions, type Serving, serve } from './serve.ts'
import { createService, type Service } from './service.ts'

const log = createLog({ service: 'test', level: 'silent' })
const servings: Serving[] = []
const agents: Agent[] = []
afterEach(async () => {
  for (const serving of servings.splice(0)) await serving.stop()
  for (const agent of agents.splice(0)) agent.destroy()
})

function openService(): Service {
  return createService({ name: 'test', version: '1', log, config: {} })
}

async function serveHere(service: Service, more: Partial<ServeOptions> = {}): Promise<Serving> {
  const serving = await serve(service, { host: '127.0.0.1', port: 0, unhealthyMs: 0, drainMs: 5_000, log, ...more })
  servings.push(serving)
  return serving
}

function get(port: number, path: string, agent?: Agent): Promise<{ response: IncomingMessage; body: Promise<string> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, agent: agent ?? false }, (response) => {
      const body = response
        .setEncoding('utf8')
        .toArray()
        .then((parts) => parts.join(''))
      body.catch(() => {})
      resolve({ response, body })
    })
    request.on('error', reject).end()
  })
}

function keepAliveAgent(): Agent {
  const agent = new Agent({ keepAlive: true })
  agents.push(agent)
  return agent
}

describe('stopping', () => {
  test('is unhealthy at once, and serves on until the balancer noticed', async () => {
    const service = openService()
    service.get('/work', async () => ({ done: true }))
    const serving = await serveHere(service, { unhealthyMs: 400 })
    assert.equal((await get(serving.port, '/health')).response.statusCode, 200)
    const stop = serving.stop()
    const health = await get(serving.port, '/health')
    assert.deepEqual([health.response.statusCode, await health.body], [503, '{"status":"stopping"}'])
    const work = await get(serving.port, '/work')
    assert.deepEqual([work.response.statusCode, work.response.headers.connection], [200, 'close'])
    await stop
    await assert.rejects(get(serving.port, '/health'), { code: 'ECONNREFUSED' })
    assert.equal(await serving.stopped, 0)
  })

  test('lets a running request end, and waits for no idle connection', async () => {
    const service = openService()
    let finish = (): void => {}
    service.get(
      '/slow',
      () =>
        new Promise((resolve) => {
          finish = () => resolve({ done: true })
        }),
    )
    const serving = await serveHere(service)
    const idle = keepAliveAgent()
    await (await get(serving.port, '/health', idle)).body
    const slow = get(serving.port, '/slow', keepAliveAgent())
    await vi.waitFor(() => assert.equal(service.server.listening, true))
    await vi.waitFor(async () => assert.ok((await connectionsOf(service)) >= 2))
    const from = performance.now()
    const stop = serving.stop()
    await vi.waitFor(() => assert.equal(service.server.listening, false))
    finish()
    assert.equal(await (await slow).body, '{"done":true}')
    await stop
    assert.ok(performance.now() - from < 2_000)
    assert.equal(await serving.stopped, 0)
  })

  test('tells event streams and long polls to end', async () => {
    const service = openService()
    service.get('/events', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      service.kit.onStopping(() => reply.raw.end('data: bye\n\n'))
    })
    const serving = await serveHere(service)
    const stream = await get(serving.port, '/events', keepAliveAgent())
    await serving.stop()
    assert.equal(await stream.body, 'data: 1\n\ndata: bye\n\n')
    assert.equal(await serving.stopped, 0)
  })

  test('cuts what does not end within the drain, and says so with exit code 1', async () => {
    const service = openService()
    service.get('/never', () => new Promise(() => {}))
    const serving = await serveHere(service, { drainMs: 100 })
    const never = get(serving.port, '/never')
    never.catch(() => {})
    await vi.waitFor(async () => assert.ok((await connectionsOf(service)) >= 1))
    await serving.stop()
    await assert.rejects(never)
    assert.equal(await serving.stopped, 1)
  })

  test('a client that sends half a request does not hold it up', async () => {
    const serving = await serveHere(openService(), { drainMs: 200 })
    const socket = connect(serving.port, '127.0.0.1').on('error', () => {})
    await new Promise<void>((resolve) => socket.write('GET /health HTTP/1.1\r\nhost: x\r\n', () => resolve()))
    await serving.stop()
    await vi.waitFor(() => assert.ok(socket.destroyed || socket.readableEnded))
    socket.destroy()
  })

  test('closes components in reverse, also if one throws and one hangs', async () => {
    const closed: string[] = []
    const component = (name: string, close: () => Promise<void> | void = () => {}): Component => ({
      name,
      close() {
        closed.push(name)
        return close()
      },
    })
    const serving = await serveHere(openService(), {
      closeMs: 50,
      components: [
        component('database'),
        component('hanging', () => new Promise(() => {})),
        component('throwing', () => {
          throw new Error('no')
        }),
        component('last'),
      ],
    })
    await Promise.all([serving.stop(), serving.stop()])
    assert.deepEqual(closed, ['last', 'throwing', 'hanging', 'database'])
    assert.equal(await serving.stopped, 1)
  })

  test('what registers while connections drain already is told at once; what went is not told', async () => {
    const service = openService()
    const told: string[] = []
    const forget = service.kit.onStopping(() => told.push('gone'))
    service.kit.onStopping(() => {
      throw new Error('broken stream')
    })
    service.kit.onStopping(() => told.push('there'))
    forget()
    const serving = await serveHere(service)
    await serving.stop()
    service.kit.onStopping(() => told.push('late'))
    await vi.waitFor(() => assert.deepEqual(told, ['there', 'late']))
    assert.equal(service.kit.stopping, true)
  })
})

test('a taken port: the components are closed and the error is the one of listen', async () => {
  const first = await serveHere(openService())
  let closed = false
  const components = [
    {
      name: 'database',
      close: () => {
        closed = true
      },
    },
  ]
  await assert.rejects(serveHere(openService(), { port: first.port, components }), { code: 'EADDRINUSE' })
  assert.ok(closed)
})

function connectionsOf(service: Service): Promise<number> {
  return new Promise((resolve, reject) =>
    service.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}
