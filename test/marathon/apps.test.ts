import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectConforms } from './conformance.ts'
import { waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

const { marathon } = marathonOfFile()

const sleeper = { cmd: 'exec sleep 1000', cpus: 0.1, mem: 16, portDefinitions: [] }
const sandboxFile = async (app: { tasks: { id: string }[] }, name: string) =>
  readFile(join(marathon.dataDir, 'sandboxes', app.tasks[0]?.id ?? '', name), 'utf8')

test('an app is created, shown, listed and removed in the words of Marathon', async () => {
  const created = await marathon.ask('POST', '/v2/apps', { id: '/t/simple', ...sleeper })
  expect(created.status).toBe(201)
  expectConforms('app-created', created.body)
  expect(created.headers.get('marathon-deployment-id')).toBe(created.body.deployments[0].id)
  const app = await marathon.runs('/t/simple', 1)
  expectConforms('app', { app })
  expectConforms('app-list', (await marathon.ask('GET', '/v2/apps?embed=apps.tasks')).body)
  expectConforms('task-list', (await marathon.ask('GET', '/v2/apps/t/simple/tasks')).body)
  expectConforms('app-versions', (await marathon.ask('GET', '/v2/apps/t/simple/versions')).body)
  expectConforms('app-version', (await marathon.ask('GET', `/v2/apps/t/simple/versions/${app.version}`)).body)
  expectConforms('info', (await marathon.ask('GET', '/v2/info')).body)
  const removed = await marathon.ask('DELETE', '/v2/apps/t/simple')
  expectConforms('deployment-result', removed.body)
  expect((await marathon.ask('GET', '/v2/apps/t/simple')).status).toBe(404)
})

test('paths with doubled, encoded and trailing slashes name the same app', async () => {
  await marathon.ask('POST', '/v2/apps', { id: 'ci/paths', ...sleeper })
  for (const path of [
    '/v2/apps//ci/paths',
    '/v2/apps/%2Fci%2Fpaths',
    '/v2/apps/ci/paths/',
    '/v2/apps/ci/paths?embed=x',
  ]) {
    expect((await marathon.ask('GET', path)).body.app?.id, path).toBe('/ci/paths')
  }
  expect((await marathon.ask('GET', '/v2/apps/ci/*')).body['*']).toHaveLength(1)
  await marathon.remove('/ci/paths')
})

test('what cannot be run is refused with the reason, and nothing is stored', async () => {
  const wrong: [body: unknown, status: number, words: RegExp][] = [
    ['', 400, /Please specify data/],
    ['{"id":', 400, /Invalid JSON/],
    [{ ...sleeper }, 422, /error.path.missing/],
    [{ id: '/bad', ...sleeper, cpus: 'many' }, 422, /error.expected.jsnumber/],
    [{ id: '/bad', ...sleeper, cpus: 0 }, 422, /error.min/],
    [{ id: '/Bad Id', ...sleeper }, 422, /regular expression/],
    [{ id: `/${'a'.repeat(5_000)}!`, ...sleeper }, 422, /longer than/],
    [{ id: '/bad/tasks', ...sleeper }, 422, /must not end with/],
    [{ id: '/bad' }, 422, /must either contain one of 'cmd' or 'args'/],
    [{ id: '/bad', ...sleeper, healthChecks: [{ portIndex: 3 }] }, 422, /port indices/],
    [
      { id: '/bad', ...sleeper, upgradeStrategy: { minimumHealthCapacity: 2, maximumOverCapacity: 0 } },
      422,
      /error.max/,
    ],
    [{ id: '/bad', ...sleeper, fetch: [{}] }, 422, /fetch\(0\)\/uri/],
    [{ id: '/bad', ...sleeper, labels: { MARATHON_SINGLE_INSTANCE_APP: 'true' }, instances: 2 }, 422, /one instance/],
  ]
  for (const [body, status, words] of wrong) {
    const answer = await marathon.ask('POST', '/v2/apps', body)
    expect(answer.status, JSON.stringify(body).slice(0, 100)).toBe(status)
    expect(JSON.stringify(answer.body)).toMatch(words)
    expectConforms('error', answer.body)
  }
  expect((await marathon.ask('GET', '/v2/apps?id=bad')).body.apps).toEqual([])
})

test('an id that is taken and one whose old tasks still die are conflicts', async () => {
  const stubborn = {
    ...sleeper,
    id: '/t/stubborn',
    cmd: 'trap "" TERM; while true; do sleep 0.1; done',
    taskKillGracePeriodSeconds: 1,
  }
  await marathon.ask('POST', '/v2/apps', stubborn)
  await marathon.runs('/t/stubborn', 1)
  const taken = await marathon.ask('POST', '/v2/apps', stubborn)
  expect([taken.status, taken.body.message]).toEqual([409, 'An app with id [/t/stubborn] already exists.'])
  await marathon.ask('DELETE', '/v2/apps/t/stubborn')
  const locked = await marathon.ask('POST', '/v2/apps', stubborn)
  expect(locked.status).toBe(409)
  expectConforms('error', locked.body)
  expect((await marathon.ask('POST', '/v2/apps?force=True', stubborn)).status).toBe(201)
  await marathon.runs('/t/stubborn', 1)
  await marathon.remove('/t/stubborn')
})

test('a task sees its role, and whether its group enforces one', async () => {
  const seen = async (id: string) => {
    const app = await marathon.runs(id, 1)
    const text = await waitFor('the environment', 20_000, () => sandboxFile(app, 'seen').catch(() => ''))
    return text
      .split('\n')
      .filter((line) => /ROLE=/.test(line))
      .sort()
  }
  const cmd = 'env > all; mv all seen; sleep 1000'
  await marathon.ask('PUT', '/v2/groups/strict', { enforceRole: true })
  await marathon.ask('POST', '/v2/apps', { ...sleeper, id: '/strict/app', cmd, role: 'strict' })
  expect(await seen('/strict/app')).toEqual(['MARATHON_APP_ENFORCE_GROUP_ROLE=TRUE', 'MESOS_ALLOCATION_ROLE=strict'])
  await marathon.ask('POST', '/v2/apps', { ...sleeper, id: '/t/plain', cmd })
  expect(await seen('/t/plain')).toEqual(['MARATHON_APP_ENFORCE_GROUP_ROLE=FALSE', 'MESOS_ALLOCATION_ROLE=*'])
  for (const id of ['/strict/app', '/t/plain']) await marathon.remove(id)
})

test('a task sees its own environment and nothing of the server', async () => {
  const env = { OWN: 'of the app', MESOS_TASK_ID: 'forged' }
  const labels = { team: 'a b', 'x-y': '1' }
  const portDefinitions = [{ port: 0, name: 'api' }]
  await marathon.ask('POST', '/v2/apps', {
    ...sleeper,
    id: '/t/env',
    cmd: 'env > seen; sleep 1000',
    env,
    labels,
    portDefinitions,
  })
  const app = await marathon.runs('/t/env', 1)
  const text = await waitFor('the environment', 20_000, () => sandboxFile(app, 'seen').catch(() => ''))
  const seen = Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)))
  expect(seen).toMatchObject({
    OWN: 'of the app',
    MESOS_TASK_ID: app.tasks[0].id,
    MARATHON_APP_ID: '/t/env',
    MARATHON_APP_RESOURCE_CPUS: '0.1',
    MARATHON_APP_LABEL_TEAM: 'a b',
    MARATHON_APP_LABEL_X_Y: '1',
    PORT0: String(app.tasks[0].ports[0]),
    PORT_API: String(app.tasks[0].ports[0]),
    [`PORT_${app.portDefinitions[0].port}`]: String(app.tasks[0].ports[0]),
  })
  expect(Object.keys(seen)).not.toContain('LEAKED_SECRET')
  expect(Object.keys(seen).filter((name) => name.startsWith('MARATHON_DATA'))).toEqual([])
  await marathon.remove('/t/env')
})

test('a body that is no JSON by its type, an unknown path and an unknown method are refused', async () => {
  const plain = await marathon.ask('POST', '/v2/apps', 'x', { 'content-type': 'text/plain' })
  expect([plain.status, plain.body]).toEqual([415, { message: 'Unsupported Media Type' }])
  expect((await marathon.ask('GET', '/v2/nothing')).body).toEqual({ message: 'URI not found' })
  expect((await marathon.ask('POST', '/v2/apps/t/x', {})).status).toBe(405)
})

test('labels select', async () => {
  await marathon.ask('POST', '/v2/apps', { ...sleeper, id: '/t/blue', labels: { color: 'blue', x: '1' } })
  await marathon.ask('POST', '/v2/apps', { ...sleeper, id: '/t/red', labels: { color: 'red' } })
  const select = async (selector: string) => {
    const { body } = await marathon.ask('GET', `/v2/apps?label=${encodeURIComponent(selector)}`)
    return body.apps?.map((app: { id: string }) => app.id).sort()
  }
  expect(await select('color')).toEqual(['/t/blue', '/t/red'])
  expect(await select('color==blue')).toEqual(['/t/blue'])
  expect(await select('color!=blue')).toEqual(['/t/red'])
  expect(await select('color in (blue,red), x')).toEqual(['/t/blue'])
  expect((await marathon.ask('GET', '/v2/apps?label=((')).status).toBe(422)
  await marathon.remove('/t/blue')
  await marathon.remove('/t/red')
})
