import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createMarathonClient, type MarathonEvent } from '../../libs/marathon/src/index.ts'
import { expectConforms } from './conformance.ts'
import { waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'
import { countRunning } from './running.ts'

const { folder, marathon } = marathonOfFile({ MARATHON_CPUS: '2' })

const small = { cmd: 'exec sleep 1000', cpus: 0.1, mem: 16, portDefinitions: [] }
const ids = (app: { tasks: { id: string }[] }) => app.tasks.map((task) => task.id).sort()

test('scaling adds and removes instances and leaves the others alone', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/scale' })
  const [first] = ids(await marathon.runs('/t/scale', 1))
  const answer = await marathon.ask('PUT', '/v2/apps/t/scale', { instances: 4 })
  expectConforms('deployment-result', answer.body)
  expect(ids(await marathon.runs('/t/scale', 4))).toContain(first)
  await marathon.ask('PUT', '/v2/apps/t/scale', { instances: 1 })
  // The youngest go first.
  expect(ids(await marathon.runs('/t/scale', 1))).toEqual([first])
  await marathon.ask('PUT', '/v2/apps/t/scale', { instances: 0 })
  await marathon.runs('/t/scale', 0)
  await marathon.remove('/t/scale')
})

test('a PUT of the same definition changes nothing', async () => {
  const { portDefinitions: _, ...withDefaultPort } = small
  await marathon.ask('POST', '/v2/apps', { ...withDefaultPort, id: '/t/same' })
  const before = await marathon.runs('/t/same', 1)
  const answer = await marathon.ask('PUT', '/v2/apps/t/same?partialUpdate=false', { ...withDefaultPort, id: '/t/same' })
  expect(answer.status).toBe(200)
  const after = await marathon.runs('/t/same', 1)
  expect([ids(after), after.version]).toEqual([ids(before), before.version])
  await marathon.remove('/t/same')
})

/** How many tasks of an app run at least and at most while it is upgraded. */
async function watchUpgrade(id: string, instances: number, upgradeStrategy: object) {
  await marathon.ask('POST', '/v2/apps', { ...small, id, instances, upgradeStrategy })
  const old = ids(await marathon.runs(id, instances))
  const running = await countRunning(marathon.url, id, old)
  await marathon.ask('PUT', `/v2/apps${id}`, { env: { NEW: 'yes' } })
  await waitFor('the upgrade', 60_000, async () => {
    const { body } = await marathon.ask('GET', '/v2/deployments')
    expectConforms('deployments', body)
    return body.length === 0
  })
  const fresh = ids(await marathon.runs(id, instances))
  expect(fresh.filter((task) => old.includes(task))).toEqual([])
  const counts = await running.until(fresh)
  await marathon.remove(id)
  return counts
}

test('1/1: the new task runs before the old one ends', async () => {
  const { least } = await watchUpgrade('/t/one-one', 1, { minimumHealthCapacity: 1, maximumOverCapacity: 1 })
  expect(least).toBeGreaterThanOrEqual(1)
})

test('0/0: never two at once', async () => {
  const { most } = await watchUpgrade('/t/zero-zero', 1, { minimumHealthCapacity: 0, maximumOverCapacity: 0 })
  expect(most).toBe(1)
})

test('1/0 with three: one more at a time', async () => {
  const { least, most } = await watchUpgrade('/t/one-zero', 3, { minimumHealthCapacity: 1, maximumOverCapacity: 0 })
  expect(least).toBeGreaterThanOrEqual(3)
  expect(most).toBeLessThanOrEqual(4)
})

test('0.5/0 with two: one stays', async () => {
  const { least, most } = await watchUpgrade('/t/half-zero', 2, { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 })
  expect(least).toBeGreaterThanOrEqual(1)
  expect(most).toBeLessThanOrEqual(2)
})

test('an upgrade that never becomes healthy keeps the old task, locks the app, and is overridden by force', async () => {
  const healthChecks = [{ intervalSeconds: 1, path: '/' }]
  const good = `exec ${process.execPath} -e "require('http').createServer((q,r)=>r.end('ok')).listen(process.env.PORT0,'127.0.0.1')"`
  const app = { ...small, cmd: good, portDefinitions: [{ port: 0 }], healthChecks }
  await marathon.ask('POST', '/v2/apps', { ...app, id: '/t/sick' })
  const [old] = ids(await marathon.runs('/t/sick', 1))
  const put = await marathon.ask('PUT', '/v2/apps/t/sick', { cmd: 'exec sleep 1000' })
  await waitFor('the new task', 20_000, async () => (await marathon.tasks('/t/sick')).length === 2)
  const locked = await marathon.ask('PUT', '/v2/apps/t/sick', { instances: 2 })
  expect(locked.status).toBe(409)
  expect(locked.body.deployments).toEqual([{ id: put.body.deploymentId }])
  expectConforms('error', locked.body)
  await marathon.kill()
  await marathon.start()
  expect((await marathon.ask('GET', '/v2/deployments')).body[0].id).toBe(put.body.deploymentId)
  expect((await marathon.tasks('/t/sick')).map((task) => task.id)).toContain(old)
  await marathon.ask('PUT', '/v2/apps/t/sick?force=true', { cmd: good })
  const app2 = await marathon.runs('/t/sick', 1)
  expect(app2.tasksHealthy).toBe(1)
  await marathon.remove('/t/sick')
})

test('an unhealthy task is killed after one failure more than allowed, and launched again at once', async () => {
  const flag = join(folder.path, 'unhealthy')
  const cmd = `exec ${process.execPath} -e "require('http').createServer((q,r)=>{r.statusCode=require('fs').existsSync('${flag}')?500:200;r.end()}).listen(process.env.PORT0,'127.0.0.1')"`
  const healthChecks = [{ intervalSeconds: 1, path: '/', maxConsecutiveFailures: 1, gracePeriodSeconds: 10 }]
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/ill', cmd, portDefinitions: [{ port: 0 }], healthChecks })
  const [before] = ids(await marathon.runs('/t/ill', 1))
  const { writeFile, rm } = await import('node:fs/promises')
  await writeFile(flag, '')
  const after = await waitFor('another task', 30_000, async () =>
    (await marathon.tasks('/t/ill')).find((task) => task.id !== before && task.state === 'TASK_RUNNING'),
  )
  expect(after.id).toMatch(/_app\.2$/)
  await rm(flag)
  await waitFor('health', 30_000, async () => (await marathon.ask('GET', '/v2/apps/t/ill')).body.app.tasksHealthy === 1)
  expectConforms('app', (await marathon.ask('GET', '/v2/apps/t/ill')).body)
  await marathon.remove('/t/ill')
})

test('a restart replaces every task and keeps the definition', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/again' })
  const [before] = ids(await marathon.runs('/t/again', 1))
  expect((await marathon.ask('POST', '/v2/apps/t/again/restart', {})).status).toBe(200)
  await waitFor('the restart', 30_000, async () => (await marathon.ask('GET', '/v2/deployments')).body.length === 0)
  expect(ids(await marathon.runs('/t/again', 1))).not.toContain(before)
  expect((await marathon.ask('POST', '/v2/apps/t/nothing/restart', {})).status).toBe(404)
  await marathon.remove('/t/again')
})

test('tasks can be killed one by one, with and without shrinking the app', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/kill', instances: 3 })
  const [first, second] = ids(await marathon.runs('/t/kill', 3))
  const killed = await marathon.ask('DELETE', `/v2/apps/t/kill/tasks/${first}`)
  expectConforms('task-single', killed.body)
  await waitFor(
    'the relaunch',
    20_000,
    async () => !ids({ tasks: await marathon.tasks('/t/kill') }).includes(first ?? ''),
  )
  await marathon.runs('/t/kill', 3)
  const shrunk = await marathon.ask('DELETE', `/v2/apps/t/kill/tasks/${second}?scale=True`)
  expectConforms('deployment-result', shrunk.body)
  const left = await marathon.runs('/t/kill', 2)
  expect(ids(left)).not.toContain(second)
  expect((await marathon.ask('DELETE', '/v2/apps/t/kill/tasks/nothing.x')).status).toBe(404)
  await marathon.remove('/t/kill')
})

test('what does not fit waits its turn, says why, and the platform goes first', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/big', cpus: 1.5 })
  await marathon.runs('/t/big', 1)
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/waiting', cpus: 1 })
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/behind', cpus: 0.4 })
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/giant', cpus: 64 })
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    id: '/t/platform',
    cpus: 0.1,
    labels: { BATON_PRIORITY: 'platform' },
  })
  await marathon.runs('/t/platform', 1)
  const { body } = await marathon.ask('GET', '/v2/queue')
  expectConforms('queue', body)
  const waiting = body.queue.find((item: { app: { id: string } }) => item.app.id === '/t/waiting')
  expect(waiting.delay.overdue).toBe(true)
  const declined = waiting.processedOffersSummary.rejectSummaryLastOffers.filter(
    (step: { declined: number }) => step.declined > 0,
  )
  expect(declined).toEqual([{ reason: 'InsufficientCpus', declined: 1, processed: 1 }])
  expect(await marathon.tasks('/t/behind')).toEqual([])
  await marathon.ask('DELETE', '/v2/apps/t/big')
  await marathon.runs('/t/waiting', 1)
  await marathon.runs('/t/behind', 1)
  expect(await marathon.tasks('/t/giant')).toEqual([])
  for (const id of ['/t/waiting', '/t/behind', '/t/giant', '/t/platform']) await marathon.ask('DELETE', `/v2/apps${id}`)
})

test('a deployment is taken back: the old definition runs again, what was new is gone', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/undo', env: { A: 'old' } })
  await marathon.runs('/t/undo', 1)
  // It never fits, so the deployment never ends by itself.
  const put = await marathon.ask('PUT', '/v2/apps/t/undo', { env: { A: 'new' }, cpus: 99 })
  const back = await marathon.ask('DELETE', `/v2/deployments/${put.body.deploymentId}`)
  expect(back.status).toBe(200)
  expectConforms('deployment-result', back.body)
  expect(back.headers.get('marathon-deployment-id')).toBe(back.body.deploymentId)
  const app = await marathon.runs('/t/undo', 1)
  expect([app.env, app.cpus]).toEqual([{ A: 'old' }, 0.1])
  expect(app.version).toBe(back.body.version)

  const created = await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/undo-new/app', cpus: 99 })
  await marathon.ask('DELETE', `/v2/deployments/${created.body.deployments[0].id}`)
  expect((await marathon.ask('GET', '/v2/apps/t/undo-new/app')).status).toBe(404)
  expect((await marathon.ask('GET', '/v2/groups/t/undo-new')).status).toBe(404)

  const scaled = await marathon.ask('PUT', '/v2/apps/t/undo', { instances: 200 })
  await marathon.ask('DELETE', `/v2/deployments/${scaled.body.deploymentId}`)
  expect(ids(await marathon.runs('/t/undo', 1))).toEqual(ids(app))
  const unknown = await marathon.ask('DELETE', '/v2/deployments/nothing')
  expect([unknown.status, unknown.body]).toEqual([404, { message: 'DeploymentPlan nothing does not exist' }])
  await marathon.remove('/t/undo')
})

test('a removed app is brought back by taking its removal back', async () => {
  const stubborn = { ...small, cmd: 'trap "" TERM; while true; do sleep 0.1; done', taskKillGracePeriodSeconds: 2 }
  await marathon.ask('POST', '/v2/apps', { ...stubborn, id: '/t/removed' })
  await marathon.runs('/t/removed', 1)
  const removal = await marathon.ask('DELETE', '/v2/apps/t/removed')
  expect((await marathon.ask('GET', '/v2/apps/t/removed')).status).toBe(404)
  expect((await marathon.ask('DELETE', `/v2/deployments/${removal.body.deploymentId}`)).status).toBe(200)
  await marathon.runs('/t/removed', 1)
  await marathon.remove('/t/removed')
})

test('the app is locked until its deployment ends; listeners hear of the refusal', async () => {
  const client = createMarathonClient({ url: marathon.url })
  const stop = new AbortController()
  const heard: MarathonEvent[] = []
  let isOpen = false
  const following = client.events({
    types: ['group_change_failed', 'deployment_failed', 'deployment_success'],
    signal: stop.signal,
    onOpen: () => {
      isOpen = true
    },
    onEvent: (event) => void heard.push(event),
  })
  await waitFor('the stream', 20_000, () => isOpen)
  const put = await marathon.ask('PUT', '/v2/apps/t/locked', { ...small, cpus: 99 })
  for (const [method, path] of [
    ['PUT', '/v2/apps/t/locked'],
    ['POST', '/v2/apps/t/locked/restart'],
    ['DELETE', '/v2/apps/t/locked?force=false'],
    ['DELETE', '/v2/groups/t/locked-not'],
  ] as const) {
    const answer = await marathon.ask(method, path, method === 'DELETE' ? undefined : { cpus: 1 })
    expect([path, answer.status]).toEqual([path, path.endsWith('-not') ? 404 : 409])
    expectConforms('error', answer.body)
    if (answer.status === 409) expect(answer.body.deployments).toEqual([{ id: put.body.deploymentId }])
  }
  await marathon.ask('DELETE', '/v2/apps/t/locked')
  await waitFor('the end', 20_000, () => heard.some((event) => event.eventType === 'deployment_success'))
  for (const event of heard) expectConforms('event', event)
  expect(heard.map((event) => event.eventType)).toEqual([
    'group_change_failed',
    'group_change_failed',
    'group_change_failed',
    // A group that is not there: each change that is refused is told of, not the lock alone.
    'group_change_failed',
    'deployment_failed',
    'deployment_success',
  ])
  expect(heard[4]).toMatchObject({ id: put.body.deploymentId, reason: 'The upgrade has been cancelled' })
  stop.abort()
  await following
  client.close()
})

test('more than a hundred running deployments are refused', async () => {
  const post = (index: number) => marathon.ask('POST', '/v2/apps', { ...small, id: `/full/a${index}`, cpus: 99 })
  for (let index = 0; index < 100; index++) expect((await post(index)).status).toBe(201)
  const refused = await post(100)
  expect([refused.status, refused.body.message]).toEqual([403, expect.stringMatching(/^Max number \(100\) of running/)])
  expectConforms('error', refused.body)
  expect((await marathon.ask('DELETE', '/v2/groups/full')).status).toBe(403)
  expect((await marathon.ask('DELETE', '/v2/groups/full?force=true')).status).toBe(200)
  await waitFor('the end', 20_000, async () => (await marathon.ask('GET', '/v2/deployments')).body.length === 0)
})
