import assert from 'node:assert/strict'
import { defineErrors } from '@baton/model'
import { Counter } from 'prom-client'
import { afterEach, describe, test, vi } from 'vitest'
import { startJob } from '../jobs/job.ts'
import { createLog } from '../log/log.ts'
import { trackRequestIds } from '../log/request-context.ts'
import { createService, type Service, type ServiceOptions } from './service.ts'

const errors = defineErrors({
  BUILD_UNKNOWN: { kind: 'missing', says: 'there is no build {number}', hint: 'list builds with GET /builds' },
  STORE_AWAY: { kind: 'unavailable', says: 'the database does not answer' },
})

const lines: string[] = []
const services: Service[] = []
afterEach(async () => {
  lines.length = 0
  for (const service of services.splice(0)) await service.close()
})

function openService(more: Partial<ServiceOptions> = {}): Service {
  const log = createLog({ service: 'test' }, { write: (line) => lines.push(line) })
  const service = createService({
    name: 'test',
    version: '1.2.3',
    commit: 'c0ffee',
    log,
    config: { token: '***' },
    ...more,
  })
  services.push(service)
  return service
}

function withRoutes(service: Service): Service {
  const properties = { name: { type: 'string' }, every: { enum: ['head', 'commit'] } }
  const body = { type: 'object', required: ['name'], properties, additionalProperties: false }
  service.post('/repositories', { schema: { body } }, async () => ({ ok: true }))
  service.get('/builds/:number', async () => {
    throw errors.BUILD_UNKNOWN({ number: 7 })
  })
  service.get('/away', async () => {
    throw errors.STORE_AWAY(new Error('ECONNREFUSED'))
  })
  service.get('/bug', async () => {
    throw new Error('secret detail', { cause: new Error('deep cause') })
  })
  return service
}

describe('a no is a problem with a code', () => {
  test('expected: status of its kind, sentence, hint and fields', async () => {
    const answer = await withRoutes(openService()).inject({ url: '/builds/7', headers: { 'x-request-id': 'r-1' } })
    assert.equal(answer.headers['content-type'], 'application/problem+json')
    assert.deepEqual(answer.json(), {
      type: 'about:blank',
      title: 'There is no such thing',
      status: 404,
      code: 'BUILD_UNKNOWN',
      detail: 'there is no build 7',
      hint: 'list builds with GET /builds',
      fields: { number: 7 },
      requestId: 'r-1',
    })
  })

  test('unavailable: 503, logged with its cause', async () => {
    const answer = await withRoutes(openService()).inject('/away')
    assert.deepEqual([answer.statusCode, answer.json().code], [503, 'STORE_AWAY'])
    assert.match(lines.join(), /ECONNREFUSED/)
  })

  test('unexpected: no details outside, everything in the log, once', async () => {
    const answer = await withRoutes(openService()).inject('/bug')
    assert.deepEqual([answer.statusCode, answer.json().code], [500, 'INTERNAL'])
    assert.doesNotMatch(answer.body, /secret detail/)
    assert.equal(lines.filter((line) => /secret detail/.test(line)).length, 1)
    assert.match(lines.join(), /deep cause/)
    assert.match(lines.join(), new RegExp(`"requestId":"${answer.json().requestId}"`))
  })

  test.each([
    ['{"name":', 400, 'BODY_INVALID', /not valid JSON/],
    ['', 400, 'BODY_INVALID', /empty/],
    ['{}', 400, 'REQUEST_INVALID', /body must have required property 'name'/],
    ['{"name":"x","colour":1}', 400, 'REQUEST_INVALID', /additional properties: 'colour'/],
    ['{"name":"x","every":"day"}', 400, 'REQUEST_INVALID', /body\/every .*: head, commit/],
    [`{"name":"${'x'.repeat(2_000)}"}`, 413, 'BODY_TOO_LARGE', /./],
  ])('the body %.30s', async (payload, status, code, detail) => {
    const service = withRoutes(openService({ bodyLimitBytes: 1_000 }))
    const headers = { 'content-type': 'application/json' }
    const answer = await service.inject({ method: 'POST', url: '/repositories', headers, payload })
    assert.deepEqual([answer.statusCode, answer.json().code], [status, code])
    assert.match(answer.json().detail, detail)
    const good = await service.inject({ method: 'POST', url: '/repositories', headers, payload: '{"name":"x"}' })
    assert.equal(good.statusCode, 200)
  })

  test('an unknown route, type of body or path', async () => {
    const service = withRoutes(openService())
    const unknown = await service.inject('/nowhere?token=hush')
    assert.deepEqual([unknown.statusCode, unknown.json().code], [404, 'ROUTE_UNKNOWN'])
    assert.doesNotMatch(unknown.body, /hush/)
    const typed = {
      method: 'POST',
      url: '/repositories',
      headers: { 'content-type': 'text/weird' },
      payload: 'x',
    } as const
    assert.deepEqual(
      [(await service.inject(typed)).statusCode, (await service.inject(typed)).json().code],
      [415, 'BODY_TYPE_UNKNOWN'],
    )
    assert.deepEqual((await service.inject('/builds/%ff')).json().code, 'REQUEST_INVALID')
  })
})

describe('values', () => {
  test('of a body are taken as they are typed: null is no empty text, a number no digits', async () => {
    const service = openService()
    const texts = { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] }
    const body = { type: 'object', properties: { text: texts, count: { type: 'integer' } } }
    service.post('/echo', { schema: { body } }, async (request) => request.body)
    const post = (payload: object) => service.inject({ method: 'POST', url: '/echo', payload })
    for (const text of [null, 3, '3']) assert.deepEqual((await post({ text })).json(), { text })
    assert.equal((await post({ count: '3' })).statusCode, 400)
  })

  test('of a query are texts, and become what the schema names', async () => {
    const service = openService()
    const querystring = { type: 'object', properties: { limit: { type: 'integer' } } }
    service.get('/list', { schema: { querystring } }, async (request) => request.query)
    assert.deepEqual((await service.inject('/list?limit=20')).json(), { limit: 20 })
    assert.equal((await service.inject('/list?limit=many')).statusCode, 400)
  })
})

describe('request ids', () => {
  test('stand on each line of the log of their request, and of its children', async () => {
    const service = openService()
    service.get('/logs', async (request) => {
      request.log.info({ build: 1 }, 'one')
      request.log.child({ step: '2.1' }).warn('two')
      return {}
    })
    await service.inject({ url: '/logs', headers: { 'x-request-id': 'r-9' } })
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)).map(({ requestId, msg, level }) => [requestId, msg, level]),
      [
        ['r-9', 'one', 'info'],
        ['r-9', 'two', 'warn'],
      ],
    )
  })

  test('are taken over and answered', async () => {
    const answer = await openService().inject({ url: '/health', headers: { 'x-request-id': 'from-outside.1' } })
    assert.equal(answer.headers['x-request-id'], 'from-outside.1')
  })

  test('are known to what the request starts, after its body too, and to the log, once something asked for them', async () => {
    const log = createLog({ service: 'test' }, { write: (line) => lines.push(line) })
    const find = trackRequestIds()
    const wokenBy: (string | undefined)[] = []
    const job = startJob({ name: 'woken', pauseMs: 60_000, log, work: async () => void wokenBy.push(find()) })
    const service = openService({ log })
    service.addHook('onRequest', async () => log.info(`hook ${find()}`))
    service.post('/builds', async (request) => {
      await new Promise((resolve) => setImmediate(resolve))
      log.info('own')
      request.log.info('of the request')
      wokenBy.push('none')
      job.wake()
      return { id: find() }
    })
    const port = await service.listen({ host: '127.0.0.1', port: 0 })
    const headers = { 'content-type': 'application/json' }
    const send = async (id: string) =>
      (
        await fetch(`${port}/builds`, { method: 'POST', headers: { ...headers, 'x-request-id': id }, body: '{}' })
      ).json()
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map(send)), [{ id: 'a' }, { id: 'b' }, { id: 'c' }])
    await job.stop()
    assert.deepEqual([...new Set(wokenBy)].sort(), ['none', undefined])
    assert.equal(find(), undefined)
    const ids = lines.map((line) => [JSON.parse(line).msg, line.match(/"requestId":"\w"/g)].flat().join(' '))
    for (const id of ['a', 'b', 'c'])
      for (const msg of [`hook ${id}`, 'own', 'of the request'])
        assert.ok(ids.includes(`${msg} "requestId":"${id}"`), ids.join())
  })

  test('that are no ids are replaced', async () => {
    for (const given of ['a b', 'x'.repeat(65), '"}', '']) {
      const answer = await openService().inject({ url: '/health', headers: { 'x-request-id': given } })
      assert.match(String(answer.headers['x-request-id']), /^[0-9a-f]{16}-[0-9a-z]+$/)
    }
  })
})

describe('/status', () => {
  test('tells application and system, configuration as it was given', async () => {
    const { application, system } = (await openService().inject('/status')).json()
    const { name, version, commit, status, config } = application
    assert.deepEqual(
      { name, version, commit, status, config },
      {
        name: 'test',
        version: '1.2.3',
        commit: 'c0ffee',
        status: 'ok',
        config: { token: '***' },
      },
    )
    assert.ok(system.disk.totalBytes >= system.disk.freeBytes)
    assert.ok(system.memory.rssBytes > 0 && system.uptimeSeconds >= 0 && system.node === process.version)
  })

  test('a detail that throws or hangs is an error of its own and delays the rest by 500 ms', async () => {
    const service = openService({
      statusDetails: [
        { name: 'good', read: async () => ({ status: 'ok', message: 'here', details: { queue: 1 } }) },
        { name: 'thrower', read: () => Promise.reject(new Error('refused: http://me:hush@db/')) },
        { name: 'hanging', read: () => new Promise(() => {}) },
      ],
    })
    const from = performance.now()
    const { application } = (await service.inject('/status')).json()
    assert.ok(performance.now() - from < 3_000)
    assert.equal(application.status, 'error')
    assert.match(application.message, /thrower: refused: http:\/\/me:\*\*\*@db\/; hanging: no answer within 500 ms/)
    assert.deepEqual(application.details.good, { status: 'ok', message: 'here', details: { queue: 1 } })
  })

  test.each([
    ['strict', 'error'],
    ['forgiving', 'ok'],
  ] as const)('%s aggregation of ok and error is %s', async (how, wanted) => {
    const service = openService({ statusAggregation: how })
    service.kit.addStatusDetail({ name: 'a', read: async () => ({ status: 'ok', message: '' }) })
    service.kit.addStatusDetail({ name: 'b', read: async () => ({ status: 'error', message: '' }) })
    assert.equal((await service.inject('/status')).json().application.status, wanted)
  })

  test('a job whose last run failed shows as a warning', async () => {
    const log = createLog({ service: 'test', level: 'silent' })
    const job = startJob({ name: 'sweep', pauseMs: 60_000, log, work: () => Promise.reject(new Error('no')) })
    await vi.waitFor(() => assert.equal(job.status().failures, 1))
    const service = openService()
    const { application } = (await service.inject('/status')).json()
    assert.deepEqual([application.status, application.details.jobs.details[0].name], ['warning', 'sweep'])
    assert.match((await service.inject('/metrics')).body, /job_runs\{job="sweep",result="failed"\} 1/)
    await job.stop()
  })

  test('is closed to whom `authorize` refuses; /health stays open', async () => {
    const service = openService({
      authorize: async (_request, reply) => reply.code(401).send({ code: 'TOKEN_MISSING' }),
    })
    const answers = await Promise.all(['/status', '/metrics', '/health'].map((path) => service.inject(path)))
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode),
      [401, 401, 200],
    )
  })
})

describe('/metrics', () => {
  test('counts requests by route pattern, and what the service itself registers', async () => {
    const service = withRoutes(openService())
    new Counter({ name: 'builds_total', help: 'b', registers: [service.kit.registry] }).inc()
    for (const path of ['/builds/1', '/builds/2', '/no/1', '/no/2']) await service.inject(path)
    const { body, headers } = await service.inject('/metrics')
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
    assert.match(
      body,
      /http_request_duration_seconds_count\{method="GET",route="\/builds\/:number",status_code="404"\} 2/,
    )
    assert.match(body, /http_request_duration_seconds_count\{method="GET",route="unknown",status_code="404"\} 2/)
    assert.match(body, /^builds_total 1$/m)
    assert.match(body, /^process_cpu_seconds_total /m)
    assert.match(body, /^disk_free_bytes [1-9]/m)
    assert.doesNotMatch(body, /no\/1/)
  })
})
