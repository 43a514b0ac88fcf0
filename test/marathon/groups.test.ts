import { expect, test } from 'vitest'
import { expectConforms } from './conformance.ts'
import { waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

const { marathon } = marathonOfFile({ MARATHON_CPUS: '8' })

const small = { cmd: 'exec sleep 1000', cpus: 0.1, mem: 16, portDefinitions: [] }
const settled = () =>
  waitFor('the deployments', 60_000, async () => (await marathon.ask('GET', '/v2/deployments')).body.length === 0)
const group = async (id: string) => (await marathon.ask('GET', `/v2/groups${id}`)).body
const idsOf = (list: { id: string }[]) => list.map((one) => one.id).sort()
const words = (steps: { actions: { action: string; app: string }[] }[]) =>
  steps.map((step) => step.actions.map(({ action, app }) => `${action.replace('Application', '')} ${app}`).join(', '))

/** What a PUT would do. */
async function planOf(id: string, body: object): Promise<string[]> {
  return words((await marathon.ask('PUT', `/v2/groups${id}?dryRun=true`, body)).body.steps)
}

async function removeGroup(id: string): Promise<void> {
  await marathon.ask('DELETE', `/v2/groups${id}?force=true`)
  await settled()
}

test('a group is created with everything in it, in the order of dependencies, and shown', async () => {
  const body = {
    id: '/shop',
    groups: [
      {
        id: 'web',
        dependencies: ['../db'],
        apps: [
          { ...small, id: 'front', dependencies: ['/shop/web/back'] },
          { ...small, id: 'back' },
        ],
      },
      { id: 'db', apps: [{ ...small, id: '/shop/db/store', labels: { kind: 'db' } }] },
    ],
  }
  expect(await planOf('/shop', body)).toEqual([
    'Start /shop/db/store, Start /shop/web/back, Start /shop/web/front',
    'Scale /shop/db/store',
    'Scale /shop/web/back',
    'Scale /shop/web/front',
  ])
  const created = await marathon.ask('POST', '/v2/groups', body)
  expect([created.status, created.headers.get('location')]).toEqual([201, `${marathon.url}/shop`])
  expectConforms('deployment-result', created.body)
  expect(created.headers.get('marathon-deployment-id')).toBe(created.body.deploymentId)
  await settled()
  const shown = await group('/shop')
  expectConforms('group', shown)
  expect(idsOf(shown.groups)).toEqual(['/shop/db', '/shop/web'])
  expect(shown.groups[1].dependencies).toEqual(['/shop/db'])
  expectConforms('group', await group(''))
  expectConforms('group-versions', (await marathon.ask('GET', '/v2/groups/shop/versions')).body)
  expectConforms('app-group-listing', (await marathon.ask('GET', '/v2/apps/shop/*')).body)
  expectConforms('task-list', (await marathon.ask('GET', '/v2/apps/shop/*/tasks')).body)
  expect(idsOf((await marathon.ask('GET', '/v2/groups/shop/apps')).body)).toEqual([
    '/shop/db/store',
    '/shop/web/back',
    '/shop/web/front',
  ])
  const again = await marathon.ask('POST', '/v2/groups', body)
  expect([again.status, again.body.message]).toEqual([
    409,
    'Group /shop is already created. Use PUT to change this group.',
  ])
  await removeGroup('/shop')
  expect((await marathon.ask('GET', '/v2/groups/shop')).body).toEqual({ message: "Group '/shop' does not exist" })
})

test('what depends on others starts only when they are healthy', async () => {
  const db = {
    ...small,
    id: 'db',
    cmd: 'sleep 1; touch ready; exec sleep 1000',
    healthChecks: [{ protocol: 'COMMAND', command: { value: 'test -e ready' }, intervalSeconds: 1, delaySeconds: 0 }],
  }
  await marathon.ask('POST', '/v2/groups', {
    id: '/dep',
    apps: [db, { ...small, id: 'web', dependencies: ['/dep/db'] }],
  })
  await waitFor('the database', 20_000, async () => (await marathon.tasks('/dep/db')).length === 1)
  expect(await marathon.tasks('/dep/web')).toEqual([])
  const web = await marathon.runs('/dep/web', 1)
  const health = (await marathon.tasks('/dep/db'))[0].healthCheckResults[0]
  expect(health.firstSuccess <= web.tasks[0].stagedAt).toBe(true)
  await removeGroup('/dep')
})

test('PUT replaces the lists it gives and leaves the others', async () => {
  await marathon.ask('PUT', '/v2/groups/put', {
    apps: [
      { ...small, id: 'a' },
      { ...small, id: 'b' },
    ],
    groups: [{ id: 'sub', apps: [{ ...small, id: 'c' }] }],
  })
  await settled()
  const body = {
    apps: [
      { ...small, id: 'b', cpus: 0.2 },
      { ...small, id: 'd' },
    ],
  }
  expect(await planOf('/put', body)).toEqual(['Stop /put/a', 'Start /put/d', 'Restart /put/b, Scale /put/d'])
  await marathon.ask('PUT', '/v2/groups//put/', body)
  await settled()
  const shown = await group('/put')
  expect([idsOf(shown.apps), idsOf(shown.groups[0].apps)]).toEqual([['/put/b', '/put/d'], ['/put/sub/c']])
  await removeGroup('/put')
})

test('a dry run says what would be done and does nothing', async () => {
  const dry = await marathon.ask('PUT', '/v2/groups/dry?dryRun=True', { apps: [{ ...small, id: 'a' }] })
  expect(dry.status).toBe(200)
  expectConforms('deployment-steps', dry.body)
  expect(words(dry.body.steps)).toEqual(['Start /dry/a', 'Scale /dry/a'])
  expect((await marathon.ask('GET', '/v2/groups/dry')).status).toBe(404)
})

test('a group is scaled by a factor, and brought back to an older version', async () => {
  await marathon.ask('PUT', '/v2/groups/scale', {
    apps: [
      { ...small, id: 'a' },
      { ...small, id: 'b', instances: 2 },
    ],
  })
  await settled()
  const { version } = await group('/scale')
  await marathon.ask('PUT', '/v2/groups/scale', { scaleBy: 1.5 })
  await settled()
  const instances = async () => (await group('/scale')).apps.map((app: { instances: number }) => app.instances)
  expect(await instances()).toEqual([2, 3])
  await marathon.ask('DELETE', '/v2/apps/scale/b')
  await settled()
  const versions = (await marathon.ask('GET', '/v2/groups/scale/versions')).body
  expect(versions).toContain(version)
  const old = (await marathon.ask('GET', `/v2/groups/scale/versions/${version}`)).body
  expectConforms('group', old)
  expect(idsOf(old.apps)).toEqual(['/scale/a', '/scale/b'])
  const back = await marathon.ask('PUT', '/v2/groups/scale', { version })
  expect(back.status).toBe(200)
  await settled()
  expect(await instances()).toEqual([1, 2])
  const both = await marathon.ask('PUT', '/v2/groups/scale', { version, scaleBy: 2 })
  expect([both.status, both.body.details[0].errors]).toEqual([
    422,
    ['not allowed in conjunction with other properties.'],
  ])
  const never = await marathon.ask('PUT', '/v2/groups/scale', { version: '2001-01-01T00:00:00.000Z' })
  expect(never.body).toEqual({ message: 'Group /scale not available in version 2001-01-01T00:00:00.000Z' })
  await removeGroup('/scale')
})

test('trees that cannot be are refused', async () => {
  const wrong: [body: object, words: RegExp][] = [
    [
      {
        apps: [
          { ...small, id: 'a', dependencies: ['/bad/b'] },
          { ...small, id: 'b', dependencies: ['/bad/a'] },
        ],
      },
      /cyclic/,
    ],
    [{ apps: [{ ...small, id: 'x' }], groups: [{ id: 'x', apps: [{ ...small, id: 'y' }] }] }, /same identifier/],
    [{ apps: [{ ...small, id: '/other/x' }] }, /not child of '\/bad'/],
    [{ apps: [{ id: 'x', cpus: 1 }] }, /\/apps\(0\).*must either contain/],
    [{ apps: [{ id: 'x', cmd: 'sleep 1', cpus: 'y' }] }, /\/apps\(0\)\/cpus.*jsnumber/],
  ]
  for (const [body, what] of wrong) {
    const answer = await marathon.ask('PUT', '/v2/groups/bad', body)
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([422, expect.stringMatching(what)])
    expectConforms('error', answer.body)
  }
  expect((await marathon.ask('GET', '/v2/groups/bad')).status).toBe(404)
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/clash/app' })
  const clash = await marathon.ask('POST', '/v2/apps', { ...small, id: '/clash' })
  expect([clash.status, clash.body.details[0].errors]).toEqual([
    422,
    ['Groups and Applications may not have the same identifier.'],
  ])
  await removeGroup('/clash')
})

test('a group outlives its last app, and an app may take the name of an empty one', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/hollow/app' })
  await marathon.remove('/hollow/app')
  expect((await group('/hollow')).apps).toEqual([])
  await marathon.kill()
  await marathon.start()
  expect((await group('/hollow')).apps).toEqual([])
  expect((await marathon.ask('PATCH', '/v2/groups/hollow', { enforceRole: true })).status).toBe(200)
  expect((await group('/hollow')).enforceRole).toBe(true)
  expect((await marathon.ask('POST', '/v2/apps', { ...small, id: '/hollow' })).status).toBe(201)
  await marathon.remove('/hollow')
})

test('several apps are changed by one deployment, or none is', async () => {
  const created = await marathon.ask('PUT', '/v2/apps', [
    { ...small, id: '/many/a' },
    { ...small, id: '/many/b' },
  ])
  expect(created.status).toBe(200)
  expectConforms('deployment-result', created.body)
  await settled()
  const unknown = await marathon.ask('PATCH', '/v2/apps', [
    { id: '/many/a', instances: 2 },
    { id: '/many/x', instances: 2 },
  ])
  expect([unknown.status, unknown.body.message]).toEqual([404, "App '/many/x' does not exist"])
  expect((await marathon.ask('GET', '/v2/apps/many/a')).body.app.instances).toBe(1)
  const patched = await marathon.ask('PATCH', '/v2/apps', [
    { id: '/many/a', instances: 2, cpus: 99 },
    { id: '/many/b', instances: 2 },
  ])
  const running = (await marathon.ask('GET', '/v2/deployments')).body
  expectConforms('deployments', running)
  expect(running.map((one: { id: string }) => one.id)).toEqual([patched.body.deploymentId])
  expect(words(running[0].steps)).toEqual(['Restart /many/a, Scale /many/b'])
  expect(running[0].affectedApps.sort()).toEqual(['/many/a', '/many/b'])
  const stopped = await marathon.ask('DELETE', `/v2/deployments/${patched.body.deploymentId}?force=true`)
  expect([stopped.status, stopped.body]).toEqual([202, ''])
  await settled()
  await removeGroup('/many')
})
