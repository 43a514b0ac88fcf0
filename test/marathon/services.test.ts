import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMarathonClient, type MarathonEvent } from '../../libs/marathon/src/index.ts'
import { expectConforms } from './conformance.ts'
import { MarathonProcess, waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

const { folder, marathon } = marathonOfFile()
let files: Server
let filesUrl: string

beforeAll(async () => {
  mkdirSync(join(folder.path, 'files/inner'), { recursive: true })
  writeFileSync(join(folder.path, 'files/inner/a.txt'), 'from the archive')
  execFileSync('tar', ['-czf', join(folder.path, 'files/box.tgz'), '-C', join(folder.path, 'files'), 'inner'])
  writeFileSync(join(folder.path, 'files/tool'), '#!/bin/sh\necho tool ran\n')
  files = createServer((asked, answer) => {
    const path = (asked.url ?? '').split('?')[0] ?? ''
    if (path === '/moved') return answer.writeHead(302, { location: '/tool' }).end()
    try {
      answer.end(readFileSync(join(folder.path, 'files', path)))
    } catch {
      answer.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
})
afterAll(() => {
  files.close()
})

const small = { cpus: 0.1, mem: 16, portDefinitions: [] }
const stdout = (taskId: string) => readFileSync(join(marathon.dataDir, 'sandboxes', taskId, 'stdout'), 'utf8')

/** A server that says its own task id, streams for ever on /stream and echoes bodies. */
const server = `
const { createServer } = require('http')
createServer((q, r) => {
  if (q.url === '/stream') { r.write('first\\n'); const t = setInterval(() => r.write('more\\n'), 100); r.on('close', () => clearInterval(t)) }
  else if (q.method === 'POST') q.pipe(r)
  else r.end(process.env.MESOS_TASK_ID)
}).listen(process.env.PORT0, process.env.HOST)
process.on('SIGTERM', () => setTimeout(() => process.exit(0), 700))
`
const web = {
  ...small,
  args: [process.execPath, '-e', server],
  portDefinitions: [{ port: 0 }],
  taskKillGracePeriodSeconds: 5,
}
const healthy = { ...web, healthChecks: [{ intervalSeconds: 1, path: '/' }] }

test('a service port balances over the tasks, and follows the app up and down', async () => {
  await marathon.ask('POST', '/v2/apps', { ...healthy, id: '/t/web', instances: 3 })
  const app = await waitFor('three healthy tasks', 20_000, async () => {
    const { body } = await marathon.ask('GET', '/v2/apps/t/web')
    return body.app.tasksHealthy === 3 ? body.app : undefined
  })
  const url = `http://127.0.0.1:${app.portDefinitions[0].port}`
  const ask = async () => (await fetch(url, { headers: { connection: 'close' } })).text()
  const seen = new Set<string>()
  for (let count = 0; count < 9; count++) seen.add(await ask())
  expect([...seen].sort()).toEqual(app.tasks.map((task: { id: string }) => task.id).sort())
  await marathon.ask('PUT', '/v2/apps/t/web', { instances: 1 })
  // While two drain, nobody is sent to them.
  for (let count = 0; count < 20; count++) await ask()
  const [left] = (await marathon.runs('/t/web', 1)).tasks
  expect(await ask()).toBe(left.id)
  // Large bodies both ways, through all the buffers.
  const large = Buffer.alloc(8 * 1024 * 1024, 'x')
  const echoed = await (await fetch(url, { method: 'POST', body: large })).arrayBuffer()
  expect(echoed.byteLength).toBe(large.length)
  await marathon.remove('/t/web')
  await expect(fetch(url)).rejects.toThrow()
})

test('a stream in flight drains while its task is asked to stop, and no request is refused during an upgrade', async () => {
  await marathon.ask('POST', '/v2/apps', { ...healthy, id: '/t/stream' })
  const app = await marathon.runs('/t/stream', 1)
  const url = `http://127.0.0.1:${app.portDefinitions[0].port}`
  const chunks: string[] = []
  const streaming = request(`${url}/stream`, (answer) => answer.on('data', (chunk) => chunks.push(String(chunk))))
  streaming.on('error', () => undefined)
  streaming.end()
  await waitFor('the stream', 20_000, () => chunks.length > 0)
  const ask = async () => (await fetch(url, { headers: { connection: 'close' } })).text()
  const answers = new Set([await ask()])
  await marathon.ask('PUT', '/v2/apps/t/stream', { env: { NEW: '1' } })
  await waitFor('the upgrade', 60_000, async () => {
    answers.add(await ask())
    return (await marathon.ask('GET', '/v2/deployments')).body.length === 0
  })
  answers.add(await ask())
  expect(answers.size).toBe(2)
  expect(chunks.length).toBeGreaterThan(5)
  streaming.destroy()
  await marathon.remove('/t/stream')
})

test('with no task behind it a connection is held for a moment, then closed', async () => {
  await marathon.ask('POST', '/v2/apps', { ...web, id: '/t/empty', instances: 0 })
  const { app } = (await marathon.ask('GET', '/v2/apps/t/empty')).body
  const port = app.portDefinitions[0].port
  await waitFor(
    'the port',
    20_000,
    async () => (await marathon.ask('GET', '/status')).body.closedServicePorts.length === 0,
  )
  const startedAt = Date.now()
  await new Promise<void>((resolve) =>
    connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .on('close', () => resolve()),
  )
  expect(Date.now() - startedAt).toBeGreaterThan(1_500)
  // A caller that comes while the service starts is served.
  const early = fetch(`http://127.0.0.1:${port}`).then((answer) => answer.text())
  await marathon.ask('PUT', '/v2/apps/t/empty', { instances: 1 })
  expect(await early).toContain('t_empty.instance-')
  await marathon.remove('/t/empty')
})

test('artifacts are fetched before the command starts', async () => {
  const fetchList = [
    { uri: `${filesUrl}/box.tgz` },
    { uri: `${filesUrl}/tool?digest=1`, destPath: 'bin/tool', executable: true },
    { uri: `${filesUrl}/moved`, destPath: 'moved', cache: true },
    { uri: `file://${folder.path}/files/inner/a.txt`, destPath: 'plain' },
  ]
  const cmd = 'cat inner/a.txt plain; ./bin/tool; sh moved; sleep 1000'
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/fetch', cmd, fetch: fetchList })
  const [task] = (await marathon.runs('/t/fetch', 1)).tasks
  await waitFor('its output', 20_000, () => stdout(task.id) === 'from the archivefrom the archivetool ran\ntool ran\n')
  await marathon.remove('/t/fetch')
})

test('an artifact that cannot be had fails the task, and says why', async () => {
  for (const uri of [
    `${filesUrl}/nothing?token=geheim`,
    'http://127.0.0.1:1/x',
    'gopher://x/y',
    `file://${folder.path}/none`,
  ]) {
    await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/nofetch', cmd: 'sleep 1000', fetch: [{ uri }] })
    const failure = await waitFor(
      'the failure',
      20_000,
      async () => (await marathon.ask('GET', '/v2/apps/t/nofetch')).body.app.lastTaskFailure,
    )
    expect([failure.state, failure.message]).toEqual([
      'TASK_FAILED',
      expect.stringContaining('Failed to fetch all URIs'),
    ])
    expect(failure.message).not.toContain('geheim')
    await marathon.remove('/t/nofetch')
  }
  const outside = {
    ...small,
    id: '/t/escape',
    cmd: 'sleep 1000',
    fetch: [{ uri: `${filesUrl}/tool`, destPath: '../../escaped' }],
  }
  await marathon.ask('POST', '/v2/apps', outside)
  const failure = await waitFor(
    'the failure',
    20_000,
    async () => (await marathon.ask('GET', '/v2/apps/t/escape')).body.app.lastTaskFailure,
  )
  expect(failure.message).toContain('leads out of the sandbox')
  await marathon.remove('/t/escape')
})

test('events tell every change, each as Marathon writes it', async () => {
  const client = createMarathonClient({ url: marathon.url })
  const events: MarathonEvent[] = []
  const stop = new AbortController()
  let opened = 0
  const following = client.events({
    types: [],
    signal: stop.signal,
    onOpen: () => (opened += 1),
    onEvent: (event) => events.push(event),
  })
  await waitFor('the stream', 20_000, () => opened === 1)
  await client.createApp({ ...healthy, id: '/t/told' })
  await waitFor('health', 30_000, async () => (await client.findApp('/t/told'))?.tasksHealthy === 1)
  await client.deleteApp('/t/told')
  await waitFor('the end', 30_000, () => events.some((event) => event.eventType === 'app_terminated_event'))
  for (const event of events) expectConforms('event', event)
  const states = events.filter((event) => event.eventType === 'status_update_event').map((event) => event.taskStatus)
  expect(states).toEqual(['TASK_STAGING', 'TASK_RUNNING', 'TASK_KILLED'])
  const types = new Set(events.map((event) => event.eventType))
  for (const type of [
    'api_post_event',
    'deployment_info',
    'deployment_step_success',
    'deployment_success',
    'group_change_success',
    'health_status_changed_event',
    'instance_changed_event',
  ]) {
    expect([...types]).toContain(type)
  }
  // There is no replay: whoever follows is told when the stream is open again.
  await marathon.kill()
  await marathon.start()
  await waitFor('the reconnect', 30_000, () => opened === 2)
  stop.abort()
  await following
  client.close()
})

test('only the exact Accept line opens the event stream', async () => {
  expect((await marathon.ask('GET', '/v2/events', undefined, { accept: 'text/event-stream, */*' })).status).toBe(405)
})

test('sandbox files are read by byte range, and nothing outside of them', async () => {
  const client = createMarathonClient({ url: marathon.url })
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    id: '/t/files',
    cmd: 'printf "abc\\377\\303\\251def"; ln -s /etc/passwd link; sleep 1000',
  })
  const [task] = (await marathon.runs('/t/files', 1)).tasks
  await waitFor('its output', 20_000, () => stdout(task.id).length > 0)
  const piece = await client.readSandboxFile(task, 'stdout', { offset: 2, length: 4 })
  expect(piece).toEqual(Buffer.from([0x63, 0xff, 0xc3, 0xa9]))
  expect(await client.readSandboxFile(task, 'stdout', { offset: 500, length: 4 })).toEqual(Buffer.alloc(0))
  expect(await client.readSandboxFile(task, 'nothing', { offset: 0, length: 4 })).toBeUndefined()
  expect(await client.readSandboxFile(task, 'link', { offset: 0, length: 4 })).toBeUndefined()
  expect(await client.readSandboxFile(task, '../../state.jsonl', { offset: 0, length: 4 })).toBeUndefined()
  const sandbox = join(marathon.dataDir, 'sandboxes', task.id)
  const read = await marathon.ask('GET', `/files/read?path=${sandbox}/stdout&offset=0&length=3`)
  expect(read.body).toEqual({ data: 'abc', offset: 0 })
  expect((await marathon.ask('GET', `/files/read?path=${sandbox}/stdout`)).body).toEqual({ data: '', offset: 9 })
  const names = (await marathon.ask('GET', `/files/browse?path=${sandbox}`)).body.map((entry: { path: string }) =>
    entry.path.split('/').at(-1),
  )
  expect(names).toContain('stdout')
  expect((await marathon.ask('GET', '/files/read?path=/etc/passwd')).status).toBe(404)
  await marathon.remove('/t/files')
  client.close()
})

test('with a password every request needs it', async () => {
  const guarded = new MarathonProcess(folder.bundle, join(folder.path, 'guarded'), {
    MARATHON_PASSWORD: 'geheim',
    MARATHON_USER: 'me',
  })
  await guarded.start()
  for (const path of ['/v2/apps', '/ping', '/files/browse?path=/', '/v2/events']) {
    expect((await guarded.ask('GET', path)).status, path).toBe(401)
  }
  const good = createMarathonClient({ url: guarded.url, user: 'me', password: 'geheim' })
  await good.ping()
  expect(await good.listApps('a==b')).toEqual([])
  const bad = createMarathonClient({ url: guarded.url, user: 'me', password: 'wrong' })
  await expect(bad.info()).rejects.toMatchObject({ code: 'MARATHON_UNAUTHORIZED' })
  for (const client of [good, bad]) client.close()
  await guarded.kill('SIGTERM')
})

test('the client tells the kinds of no apart', async () => {
  const client = createMarathonClient({ url: marathon.url })
  const app = { ...small, id: '/t/client', cmd: 'exec sleep 1000' }
  expect([await client.createApp(app), await client.createApp(app)]).toEqual(['created', 'exists'])
  await waitFor('the start', 20_000, async () => (await client.listDeployments()).length === 0)
  expect((await client.listTasks('/t/client'))[0]?.state).toBe('TASK_RUNNING')
  await client.scaleApp('/t/client', 2)
  await client.scaleApp('/t/client', 1, { force: true })
  await client.putApp('/t/client', { ...app, env: { A: '1' } }, { force: true })
  await expect(client.putApp('/t/client', { ...app, cpus: -1 })).rejects.toMatchObject({ code: 'MARATHON_REFUSED' })
  await expect(client.createApp({ ...app, id: '/t/none', cpus: -1 })).rejects.toThrow(/cpus: error.min/)
  await client.restartApp('/t/client', { force: true })
  await expect(client.restartApp('/t/client')).rejects.toMatchObject({ code: 'MARATHON_LOCKED' })
  expect([await client.deleteApp('/t/client'), await client.deleteApp('/t/client')]).toEqual(['deleted', 'missing'])
  expect(await client.findApp('/t/client')).toBeUndefined()
  expect(await client.listTasks('/t/client')).toEqual([])
  client.close()
  const nobody = createMarathonClient({ url: 'http://me:secret@127.0.0.1:1' })
  await expect(nobody.ping()).rejects.toMatchObject({
    code: 'MARATHON_UNREACHABLE',
    message: expect.not.stringContaining('secret'),
  })
})
