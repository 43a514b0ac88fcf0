import assert from 'node:assert/strict'
import { createServer, type Server, type Socket } from 'node:net'
import { Counter, Histogram, Registry } from 'prom-client'
import { afterEach, describe, test, vi } from 'vitest'
import { createLog } from '../log/log.ts'
import { asPathPart } from './lines.ts'
import { createGraphiteReporter } from './reporter.ts'

const log = createLog({ service: 'test', level: 'silent' })
const opened: { server: Server; sockets: Set<Socket> }[] = []

/** A Carbon that keeps the lines it was sent; `deaf` ones never read. */
async function openCarbon(
  options: { deaf?: boolean; port?: number } = {},
): Promise<{ port: number; lines: string[]; close(): void }> {
  const lines: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    if (options.deaf) socket.pause()
    else socket.setEncoding('utf8').on('data', (text) => lines.push(...String(text).trim().split('\n')))
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  opened.push({ server, sockets })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { port: address.port, lines, close: () => closeAll([{ server, sockets }]) }
}

function closeAll(all: typeof opened): void {
  for (const { server, sockets } of all) {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

afterEach(() => closeAll(opened.splice(0)))

function reporterTo(
  port: number,
  registry: Registry,
  intervalMs = 60_000,
  more: { sendMs?: number; pointsMax?: number } = {},
) {
  const reporter = createGraphiteReporter({
    url: `plaintext://127.0.0.1:${port}`,
    prefix: 'baton.test',
    host: 'a.machine',
    intervalMs,
    sendMs: 500,
    ...more,
    registry,
    log,
  })
  reporter.start()
  return reporter
}

function registryWithBuilds(): { registry: Registry; builds: Counter<'pipeline'> } {
  const registry = new Registry()
  const builds = new Counter({
    name: 'builds_total',
    help: 'builds',
    labelNames: ['pipeline'] as const,
    registers: [registry],
  })
  builds.inc({ pipeline: 'todo/deploy.v 2' }, 3)
  return { registry, builds }
}

describe('the graphite reporter', () => {
  test('sends each series under prefix and host, without the buckets of histograms', async () => {
    const carbon = await openCarbon()
    const { registry } = registryWithBuilds()
    new Histogram({ name: 'took_seconds', help: 'h', registers: [registry] }).observe(2)
    const reporter = reporterTo(carbon.port, registry)
    await vi.waitFor(() => assert.equal(carbon.lines.length, 3))
    assert.match(carbon.lines[0] ?? '', /^baton\.test\.a_machine\.builds_total\.todo_deploy_v_2 3 \d{10}$/)
    assert.match(carbon.lines.join('\n'), /a_machine\.took_seconds_sum 2 \d+/)
    assert.match(carbon.lines.join('\n'), /a_machine\.took_seconds_count 1 \d+/)
    await reporter.close()
  })

  test('sends the last figures when it is closed', async () => {
    const carbon = await openCarbon()
    const { registry, builds } = registryWithBuilds()
    const reporter = reporterTo(carbon.port, registry)
    await vi.waitFor(() => assert.equal(carbon.lines.length, 1))
    builds.inc({ pipeline: 'todo/deploy.v 2' }, 4)
    await reporter.close()
    await vi.waitFor(() => assert.match(carbon.lines.at(-1) ?? '', / 7 \d+$/))
  })

  test('a run-once process that never started it leaves its figures when it closes', async () => {
    const carbon = await openCarbon()
    const { registry } = registryWithBuilds()
    const url = `plaintext://127.0.0.1:${carbon.port}`
    await createGraphiteReporter({ url, prefix: 'p', intervalMs: 60_000, registry, log }).close()
    await vi.waitFor(() => assert.equal(carbon.lines.length, 1))
  })

  test('nobody listens: figures are lost and counted, closing works', async () => {
    const carbon = await openCarbon()
    carbon.close()
    const reporter = reporterTo(carbon.port, registryWithBuilds().registry, 10)
    await vi.waitFor(() => assert.ok(reporter.counts().lost >= 2))
    await reporter.close()
    assert.equal(reporter.counts().sent, 0)
  })

  test('finds a graphite that came back', async () => {
    const gone = await openCarbon()
    gone.close()
    const reporter = reporterTo(gone.port, registryWithBuilds().registry, 20)
    await vi.waitFor(() => assert.ok(reporter.counts().lost >= 1))
    const back = await openCarbon({ port: gone.port })
    await vi.waitFor(() => assert.ok(back.lines.length >= 1), 5_000)
    await reporter.close()
  })

  test('a graphite that reads nothing does not stall: the sending is given up', async () => {
    const carbon = await openCarbon({ deaf: true })
    const registry = new Registry()
    const many = new Counter({ name: 'many', help: 'h', labelNames: ['n'] as const, registers: [registry] })
    for (let n = 0; n < 50_000; n++) many.inc({ n: `${'x'.repeat(150)}${n}` })
    const reporter = reporterTo(carbon.port, registry, 60_000, { sendMs: 200, pointsMax: 50_000 })
    await vi.waitFor(() => assert.equal(reporter.counts().lost, 1), 10_000)
    await reporter.close()
    assert.equal(reporter.counts().sent, 0)
  })

  test('sends no more series than it may', async () => {
    const carbon = await openCarbon()
    const { registry, builds } = registryWithBuilds()
    for (let n = 0; n < 20; n++) builds.inc({ pipeline: `p${n}` })
    const reporter = reporterTo(carbon.port, registry, 60_000, { pointsMax: 5 })
    await vi.waitFor(() => assert.equal(reporter.counts().sent, 1))
    await vi.waitFor(() => assert.equal(carbon.lines.length, 5))
    await reporter.close()
  })
})

test('a part of a path has neither dots nor spaces nor is it empty', () => {
  assert.deepEqual(['a.b c', '', '...', 'ok-1_x'].map(asPathPart), ['a_b_c', 'none', 'none', 'ok-1_x'])
})
