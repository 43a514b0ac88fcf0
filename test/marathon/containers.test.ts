import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'
import { expectConforms } from './conformance.ts'
import { type MarathonProcess, waitFor } from './marathon-process.ts'
import { marathonsOfFile } from './of-file.ts'

const { folder, create } = marathonsOfFile()
const bin = join(folder.path, 'bin')

beforeAll(async () => {
  mkdirSync(bin)
  const client = join(bin, 'docker.mjs')
  const entry = join(import.meta.dirname, 'fake-engine/docker.ts')
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile: client,
  })
  writeFileSync(
    join(bin, 'docker'),
    `#!/bin/sh\nexec ${process.execPath} ${client} ${join(folder.path, 'engine')} "$@"\n`,
  )
  chmodSync(join(bin, 'docker'), 0o755)
})

async function start(extra: Record<string, string> = {}): Promise<MarathonProcess> {
  const marathon = create({ PATH: `${bin}:${process.env['PATH']}`, ...extra })
  await marathon.start()
  return marathon
}

const once = {
  cpus: 0.5,
  mem: 64,
  portDefinitions: [],
  backoffSeconds: 604_800,
  backoffFactor: 1,
  maxLaunchDelaySeconds: 604_800,
}
const container = { type: 'DOCKER', docker: { image: 'some/image:1' } }
/** Containers that the engine has. */
const containers = () =>
  existsSync(join(folder.path, 'engine'))
    ? readdirSync(join(folder.path, 'engine')).filter((name) => name.endsWith('.json'))
    : []

interface Known {
  readonly pid: number
  readonly image: string
  readonly env: Record<string, string>
  readonly options: Record<string, unknown>
}
const known = (taskId: string): Known =>
  JSON.parse(readFileSync(join(folder.path, 'engine', `mesos-${taskId}.json`), 'utf8'))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function over(marathon: MarathonProcess, id: string) {
  return waitFor('the end', 30_000, async () =>
    (await marathon.tasks(id)).find((one) => /FINISHED|FAILED/.test(one.state)),
  )
}

test('an app with an image runs through the engine, by name, on the host network, with its sandbox and variables', async () => {
  const marathon = await start()
  const cmd = 'echo "$GREETING from $MESOS_CONTAINER_NAME" > "$MESOS_SANDBOX/said"; echo out; sleep 1000'
  const env = { GREETING: 'two\nlines', PATH: '/of/the/image:/bin:/usr/bin', SECRET: 'geheim' }
  const volumes = [{ containerPath: '/data', hostPath: '/srv', mode: 'RO' }]
  const posted = await marathon.ask('POST', '/v2/apps', {
    ...once,
    id: '/d/web',
    cmd,
    env,
    container: { ...container, volumes },
    healthChecks: [
      {
        protocol: 'COMMAND',
        command: { value: 'test -n "$MESOS_CONTAINER_NAME"' },
        intervalSeconds: 1,
        delaySeconds: 0,
      },
    ],
  })
  expect([posted.status, posted.body]).toEqual([201, expect.anything()])
  expectConforms('app-created', posted.body)
  await waitFor('health', 30_000, async () => (await marathon.ask('GET', '/v2/apps/d/web')).body.app.tasksHealthy === 1)
  const [task] = await marathon.tasks('/d/web')
  const { image, env: inside, options } = known(task.id)
  expect(image).toBe('some/image:1')
  expect(options).toMatchObject({
    rm: true,
    network: 'host',
    memory: '64m',
    'cpu-shares': '512',
    entrypoint: '/bin/sh',
  })
  expect(options['volume']).toEqual([
    `${task.id && join(marathon.dataDir, 'sandboxes', task.id)}:/mnt/mesos/sandbox`,
    '/srv:/data:ro',
  ])
  expect(inside).toMatchObject({
    ...env,
    MESOS_TASK_ID: task.id,
    MARATHON_APP_DOCKER_IMAGE: 'some/image:1',
    MESOS_SANDBOX: '/mnt/mesos/sandbox',
  })
  // The account of this machine is no business of the image's.
  expect(Object.keys(inside)).not.toContain('HOME')
  expect(String(options['env'])).not.toContain('geheim')
  const sandbox = join(marathon.dataDir, 'sandboxes', task.id)
  await waitFor('its words', 20_000, () => existsSync(join(sandbox, 'said')))
  expect(readFileSync(join(sandbox, 'said'), 'utf8')).toBe(`two\nlines from mesos-${task.id}\n`)
  expect(readFileSync(join(sandbox, 'stdout'), 'utf8')).toBe('out\n')
  await marathon.remove('/d/web')
  expect(containers()).toEqual([])
})

test('the end of a container is the end of its task, with its exit code', async () => {
  const marathon = await start()
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/d/three', args: ['sh', '-c', 'exit 3'], container })
  expect((await over(marathon, '/d/three')).state).toBe('TASK_FAILED')
  const { app } = (await marathon.ask('GET', '/v2/apps/d/three')).body
  expect(app.lastTaskFailure.message).toBe('Container exited with status 3')
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/d/zero', container })
  expect((await over(marathon, '/d/zero')).state).toBe('TASK_FINISHED')
})

test('an image that is not there fails the task, and what the engine said is in its stderr', async () => {
  const marathon = await start()
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/d/none', container: { docker: { image: 'missing' } } })
  const task = await over(marathon, '/d/none')
  expect(readFileSync(join(marathon.dataDir, 'sandboxes', task.id, 'stderr'), 'utf8')).toContain('Unable to find image')
})

test('a kill reaches the container by its name: asked first, ended after the grace period', async () => {
  const marathon = await start()
  const stubborn = "trap 'touch asked' TERM; while true; do sleep 0.05; done"
  await marathon.ask('POST', '/v2/apps', {
    ...once,
    id: '/d/stubborn',
    cmd: stubborn,
    container,
    taskKillGracePeriodSeconds: 1,
  })
  const [task] = (await marathon.runs('/d/stubborn', 1)).tasks
  const { pid } = await waitFor('the container', 20_000, () => (containers().length > 0 ? known(task.id) : undefined))
  await marathon.remove('/d/stubborn')
  expect(existsSync(join(marathon.dataDir, 'sandboxes', task.id, 'asked'))).toBe(true)
  await waitFor('its end', 20_000, () => !isAlive(pid))
  expect(containers()).toEqual([])
})

test('a container is adopted after kill -9 of the server, and its end is still seen', async () => {
  const marathon = await start()
  const go = join(marathon.dataDir, 'go')
  const cmd = `while [ ! -e ${go} ]; do sleep 0.05; done; exit 4`
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/d/adopted', cmd, container })
  const [task] = (await marathon.runs('/d/adopted', 1)).tasks
  const { pid } = await waitFor('the container', 20_000, () => (containers().length > 0 ? known(task.id) : undefined))
  await marathon.kill()
  await marathon.start()
  expect((await marathon.runs('/d/adopted', 1)).tasks[0].id).toBe(task.id)
  expect(isAlive(pid)).toBe(true)
  writeFileSync(go, '')
  expect((await over(marathon, '/d/adopted')).id).toBe(task.id)
  expect((await marathon.ask('GET', '/v2/apps/d/adopted')).body.app.lastTaskFailure.message).toBe(
    'Container exited with status 4',
  )
})

test('a container whose client was killed does not live on unseen', async () => {
  const marathon = await start()
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/d/orphan', cmd: 'sleep 1000', container })
  const [task] = (await marathon.runs('/d/orphan', 1)).tasks
  const { pid } = await waitFor('the container', 20_000, () => (containers().length > 0 ? known(task.id) : undefined))
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    const carries = readEnvironment(name).includes(`MESOS_TASK_ID=${task.id}\0`)
    if (carries) process.kill(Number(name), 'SIGKILL')
  }
  await over(marathon, '/d/orphan')
  await waitFor('its end', 20_000, () => !isAlive(pid))
  expect(containers()).toEqual([])
})

test('without an engine an image is refused, and nothing else is', async () => {
  const marathon = await start({ MARATHON_CONTAINER_ENGINE: 'none' })
  const refused = await marathon.ask('POST', '/v2/apps', { ...once, id: '/d/web', cmd: 'true', container })
  expect([refused.status, refused.body]).toEqual([
    422,
    {
      message: 'Object is not valid',
      details: [{ path: '/container', errors: ['this machine runs no images: there is no container engine'] }],
    },
  ])
  expect((await marathon.ask('POST', '/v2/apps', { ...once, id: '/d/plain', cmd: 'true' })).status).toBe(201)
})

function readEnvironment(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}
