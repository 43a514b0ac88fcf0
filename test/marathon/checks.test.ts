import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectConforms } from './conformance.ts'
import { waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

const { marathon } = marathonOfFile()

const small = { cmd: 'exec sleep 1000', cpus: 0.1, mem: 32, portDefinitions: [{ port: 0 }] }
const web = `require('http').createServer((q, r) => { r.statusCode = 400 + q.url.length; r.end() }).listen(process.env.PORT0, process.env.HOST)`
const often = { intervalSeconds: 0, delaySeconds: 0 }

/** What the check of an app's only task found, once it is as wanted. */
async function finds(id: string, wanted: object): Promise<void> {
  await waitFor(`${id} to find ${JSON.stringify(wanted)}`, 20_000, async () => {
    const { body } = await marathon.ask('GET', `/v2/apps${id}/tasks`)
    expectConforms('task-list', body)
    return JSON.stringify(body.tasks[0]?.checkResult) === JSON.stringify(wanted)
  })
}

test('an http check shows the status code, whatever it is, and nothing follows from it', async () => {
  const check = { ...often, http: { path: '/ab' } }
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    cmd: undefined,
    args: [process.execPath, '-e', web],
    id: '/c/http',
    check,
  })
  await finds('/c/http', { http: { statusCode: 403 } })
  const { app } = (await marathon.ask('GET', '/v2/apps/c/http')).body
  expect(app.check).toEqual({ ...check, http: { path: '/ab', scheme: 'HTTP' }, timeoutSeconds: 20 })
  expect([app.tasksRunning, app.tasksUnhealthy, app.deployments]).toEqual([1, 0, []])
  expectConforms('app', { app })
  await marathon.remove('/c/http')
})

test('a tcp check says whether the port is open', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/c/tcp', check: { ...often, tcp: { portIndex: 0 } } })
  await finds('/c/tcp', { tcp: { succeeded: false } })
  await marathon.remove('/c/tcp')
})

test('a command check runs beside the task, in its sandbox, and shows each exit code', async () => {
  const check = { ...often, exec: { command: { shell: 'test -n "$MESOS_TASK_ID" && exit $(cat code)' } } }
  await marathon.ask('POST', '/v2/apps', { ...small, cmd: 'echo 3 > code; exec sleep 1000', id: '/c/exec', check })
  await finds('/c/exec', { command: { exitCode: 3 } })
  const [task] = await marathon.tasks('/c/exec')
  writeFileSync(join(marathon.dataDir, 'sandboxes', task.id, 'code'), '0')
  await finds('/c/exec', { command: { exitCode: 0 } })
  expect((await marathon.tasks('/c/exec'))[0].id).toBe(task.id)
  await marathon.remove('/c/exec')
})

test('a command that is not over in time has no exit code; one given as argv needs no shell', async () => {
  const slow = { ...often, timeoutSeconds: 1, exec: { command: { argv: ['sleep', '1000'] } } }
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/c/slow', check: slow })
  await finds('/c/slow', {})
  await marathon.remove('/c/slow')
})

test('a check is not made before its delay', async () => {
  const check = { intervalSeconds: 1, delaySeconds: 1_000, exec: { command: { shell: 'touch checked' } } }
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/c/later', check })
  await marathon.runs('/c/later', 1)
  expect((await marathon.tasks('/c/later'))[0].checkResult).toBeUndefined()
  await marathon.remove('/c/later')
})
