import { request } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { expectConforms } from './conformance.ts'
import { MarathonProcess, waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

const { folder, marathon } = marathonOfFile()

const small = { cmd: 'exec sleep 1000', cpus: 0.1, mem: 16, portDefinitions: [] }
const idsOf = (tasks: { id: string }[]) => tasks.map((task) => task.id).sort()

/** An answer as it went over the wire: `fetch` unpacks and follows by itself. */
function raw(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const asked = request(marathon.url + path, { method, headers }, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) }),
      )
    })
    asked.on('error', reject).end()
  })
}

test('what the server says of itself', async () => {
  expectConforms('leader', (await marathon.ask('GET', '/v2/leader')).body)
  expectConforms('metrics', (await marathon.ask('GET', '/metrics')).body)
  expect((await marathon.ask('GET', '/v2/plugins')).body).toEqual({ plugins: [] })
  expect((await marathon.ask('GET', '/ping')).body).toBe('pong')
  const root = await raw('/')
  expect([root.status, root.headers['location']]).toEqual([302, '/ui/'])
})

test('every answer carries the headers of Marathon', async () => {
  const { headers } = await raw('/v2/apps')
  expect(headers).toMatchObject({
    'x-marathon-leader': marathon.url,
    'cache-control': 'no-cache, no-store, must-revalidate',
    pragma: 'no-cache',
    expires: '0',
    'x-frame-options': 'DENY',
    'x-xss-protection': '1; mode=block',
  })
})

test('what a path or a type does not have is 405, 406 or 415', async () => {
  const cases: [method: string, path: string, headers: Record<string, string>, status: number, message: string][] = [
    ['POST', '/v2/info', {}, 405, 'Method Not Allowed'],
    ['PUT', '/v2/deployments', {}, 405, 'Method Not Allowed'],
    ['GET', '/v2/tasks/delete', {}, 405, 'Method Not Allowed'],
    ['GET', '/v2/events', { accept: '*/*' }, 405, 'Method Not Allowed'],
    ['GET', '/v2/tasks', { accept: 'text/plain' }, 406, 'Not Acceptable'],
    ['GET', '/v2/apps', { accept: 'text/html, image/png;q=0.5' }, 406, 'Not Acceptable'],
  ]
  for (const [method, path, headers, status, message] of cases) {
    const answer = await marathon.ask(method, path, undefined, headers)
    expect([path, answer.status, answer.body]).toEqual([path, status, { message }])
    expectConforms('error', answer.body)
  }
  const typed = await marathon.ask('PUT', '/v2/groups/x', '<a/>', { 'content-type': 'text/xml' })
  expect([typed.status, typed.body]).toEqual([415, { message: 'Unsupported Media Type' }])
  expect((await raw('/v2/info', {}, 'DELETE')).headers['allow']).toBe('GET')
  expect((await raw('/v2/apps', {}, 'HEAD')).status).toBe(200)
})

test('long answers are packed for who asks for it', async () => {
  const packed = await raw('/v2/info', { 'accept-encoding': 'gzip, deflate' })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expectConforms('info', JSON.parse(gunzipSync(packed.body).toString('utf8')))
  for (const encoding of ['identity', 'gzip;q=0', 'br']) {
    expect((await raw('/v2/info', { 'accept-encoding': encoding })).headers['content-encoding']).toBeUndefined()
  }
})

test('apps are found by parts of their command and id, whatever the case', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/find/one' })
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/find/two', cmd: 'exec sleep 2000' })
  const find = async (query: string) => idsOf((await marathon.ask('GET', `/v2/apps?${query}`)).body.apps)
  expect(await find('cmd=SLEEP%202')).toEqual(['/find/two'])
  expect(await find('id=FIND')).toEqual(['/find/one', '/find/two'])
  expect(await find('id=find&cmd=1000')).toEqual(['/find/one'])
  await marathon.ask('DELETE', '/v2/groups/find?force=true')
})

test('what is embedded is what was asked for', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/embed' })
  await marathon.runs('/embed', 1)
  const keys = async (path: string) => {
    const { body } = await marathon.ask('GET', path)
    const app = body.app ?? body.apps?.[0] ?? body['*']?.[0]
    expectConforms('app', { app })
    const extra = ['tasks', 'tasksRunning', 'deployments', 'readinessCheckResults', 'tasksStats', 'lastTaskFailure']
    return extra.filter((name) => name in app)
  }
  expect(await keys('/v2/apps?id=/embed')).toEqual(['tasksRunning', 'deployments'])
  expect(await keys('/v2/apps/embed')).toEqual(['tasks', 'tasksRunning', 'deployments'])
  for (const word of ['apps.tasks', 'app.tasks', 'tasks'])
    expect(await keys(`/v2/apps?id=/embed&embed=${word}&embed=nothing`)).toContain('tasks')
  expect(await keys('/v2/apps/embed?embed=app.taskStats&embed=app.readiness')).toEqual([
    'tasks',
    'tasksRunning',
    'deployments',
    'readinessCheckResults',
    'tasksStats',
  ])
  await marathon.remove('/embed')
})

test('tasks are listed by state, and killed with or without their places', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/tasks/a', instances: 2 })
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/tasks/b' })
  const a = idsOf((await marathon.runs('/tasks/a', 2)).tasks)
  const b = idsOf((await marathon.runs('/tasks/b', 1)).tasks)
  const listed = async (query: string) => {
    const { body } = await marathon.ask('GET', `/v2/tasks${query}`)
    expectConforms('task-list', body)
    return idsOf(body.tasks)
  }
  expect(await listed('?status=running')).toEqual([...a, ...b].sort())
  expect(await listed('?status[]=staging')).toEqual([])
  expect(await listed('?status=staging&status=Running')).toEqual([...a, ...b].sort())
  const elsewhere = await marathon.ask('DELETE', '/v2/apps/tasks/a/tasks?host=other.example')
  expect(elsewhere.body).toEqual({ tasks: [] })
  const both = await marathon.ask('DELETE', '/v2/apps/tasks/a/tasks?scale=true&wipe=TRUE')
  expect([both.status, both.body]).toEqual([400, { message: 'You cannot use scale and wipe at the same time.' }])

  const wiped = await marathon.ask('DELETE', `/v2/apps/tasks/b/tasks/${b[0]}?wipe=true`)
  expectConforms('task-single', wiped.body)
  const anew = await waitFor('another instance', 20_000, async () =>
    (await marathon.tasks('/tasks/b')).find((task) => task.state === 'TASK_RUNNING' && task.id !== b[0]),
  )
  expect(anew.id.replace(/\._app.*/, '')).not.toBe(b[0]?.replace(/\._app.*/, ''))

  const killed = await marathon.ask('POST', '/v2/tasks/delete?scale=True', { ids: [a[0], anew.id, 'no.such-task'] })
  expectConforms('deployment-result', killed.body)
  expect(idsOf((await marathon.runs('/tasks/a', 1)).tasks)).toEqual([a[1]])
  await marathon.runs('/tasks/b', 0)
  const malformed = await marathon.ask('POST', '/v2/tasks/delete', { ids: ['nonsense'] })
  expect(malformed.status).toBe(400)
  expect((await marathon.ask('POST', '/v2/tasks/delete', {})).body.details).toEqual([
    { path: '/ids', errors: ['error.path.missing'] },
  ])
  await marathon.ask('DELETE', '/v2/groups/tasks?force=true')
})

test('an app goes back to one of its versions', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/back', env: { A: '1' } })
  const { version } = await marathon.runs('/back', 1)
  await marathon.ask('PUT', '/v2/apps/back', { env: { A: '2' } })
  await marathon.runs('/back', 1)
  const mixed = await marathon.ask('PUT', '/v2/apps/back', { version, cpus: 1 })
  expect(mixed.body.details).toEqual([
    { path: '/', errors: ["The 'version' field may only be combined with the 'id' field."] },
  ])
  expect((await marathon.ask('PUT', '/v2/apps/back', { version })).status).toBe(200)
  expect((await marathon.runs('/back', 1)).env).toEqual({ A: '1' })
  const never = '2001-01-01T00:00:00.000Z'
  const unknown = { message: `App '/back' does not exist in version ${never}` }
  expect((await marathon.ask('PUT', '/v2/apps/back', { version: never })).body).toEqual(unknown)
  expect((await marathon.ask('GET', `/v2/apps/back/versions/${never}`)).body).toEqual(unknown)
  await marathon.remove('/back')
})

test('whoever gives no password meets the page of Jetty', async () => {
  const guarded = new MarathonProcess(folder.bundle, join(folder.path, 'guarded'), { MARATHON_PASSWORD: 'geheim' })
  await guarded.start()
  const answer = await guarded.ask('GET', '/v2/apps')
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'basic realm="Mesosphere"'])
  expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
  expect(answer.body).toContain('Error 401 Unauthorized')
  await guarded.kill('SIGTERM')
})

test('a leader that abdicates forgets health, not tasks', async () => {
  const healthChecks = [
    { protocol: 'COMMAND', command: { value: 'test -e well' }, intervalSeconds: 1, delaySeconds: 0 },
  ]
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/led', cmd: 'touch well; exec sleep 1000', healthChecks })
  const [task] = (await marathon.runs('/led', 1)).tasks
  expect((await marathon.ask('DELETE', '/v2/leader')).body).toEqual({ message: 'Leadership abdicated' })
  await waitFor('health', 20_000, async () => (await marathon.ask('GET', '/v2/apps/led')).body.app.tasksHealthy === 1)
  expect((await marathon.tasks('/led'))[0].id).toBe(task.id)
  await marathon.remove('/led')
})
