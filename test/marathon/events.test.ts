import { expect, onTestFinished, test } from 'vitest'
import { createMarathonClient, type MarathonEvent } from '../../libs/marathon/src/index.ts'
import { expectConforms } from './conformance.ts'
import { waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

const { marathon } = marathonOfFile()

const small = { cmd: 'exec sleep 1000', cpus: 0.1, mem: 16, portDefinitions: [] }

/** Every event from now on; each is held against the schema. */
async function listen() {
  const client = createMarathonClient({ url: marathon.url })
  const stop = new AbortController()
  const events: MarathonEvent[] = []
  let opened = 0
  const following = client.events({
    types: [],
    signal: stop.signal,
    onOpen: () => (opened += 1),
    onEvent: (event) => events.push(event),
  })
  onTestFinished(async () => {
    stop.abort()
    await following
    client.close()
    for (const event of events) expectConforms('event', event)
  })
  await waitFor('the stream', 20_000, () => opened === 1)
  const of = (type: string, appId: string) => events.filter((one) => one.eventType === type && one.appId === appId)
  return { events, of, openings: () => opened }
}

const probe = { protocol: 'COMMAND', command: { value: 'test -e well' }, intervalSeconds: 1, delaySeconds: 0 }

test('add_health_check_event names each check of a version once, remove_health_check_event each that goes', async () => {
  const { of } = await listen()
  const checks = [
    { ...probe, command: { value: 'true' } },
    { ...probe, command: { value: 'true' } },
    { ...probe, command: { value: 'test -d .' } },
  ]
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/e/checked', healthChecks: checks })
  const { version: first } = await marathon.runs('/e/checked', 1)
  const counted = (type: string, count: number) =>
    waitFor(`${count} x ${type}`, 20_000, () => of(type, '/e/checked').length === count)
  await counted('add_health_check_event', 2)
  const added = of('add_health_check_event', '/e/checked')
  expect(added.map(({ version, healthCheck }) => [version, healthCheck])).toEqual([
    [first, expect.objectContaining({ protocol: 'COMMAND', command: { value: 'true' }, maxConsecutiveFailures: 3 })],
    [first, expect.objectContaining({ protocol: 'COMMAND', command: { value: 'test -d .' } })],
  ])
  // A scaled app is a new version; the older task keeps the check that it was started with.
  await marathon.ask('PUT', '/v2/apps/e/checked', { instances: 2 })
  const { version: second } = await marathon.runs('/e/checked', 2)
  await counted('add_health_check_event', 4)
  expect(of('add_health_check_event', '/e/checked').map((one) => one['version'])).toEqual([
    first,
    first,
    second,
    second,
  ])
  expect(of('remove_health_check_event', '/e/checked')).toEqual([])
  await marathon.ask('PUT', '/v2/apps/e/checked', { healthChecks: [], instances: 1 })
  await marathon.runs('/e/checked', 1)
  await counted('remove_health_check_event', 4)
  await marathon.remove('/e/checked')
  await waitFor('its end', 20_000, () => of('app_terminated_event', '/e/checked').length === 1)
  expect(of('remove_health_check_event', '/e/checked')).toHaveLength(4)
})

test('the checks of an app that is removed are gone before it is', async () => {
  const { events } = await listen()
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    id: '/e/gone',
    healthChecks: [{ ...probe, gracePeriodSeconds: 0 }],
  })
  await waitFor('its task', 20_000, async () => (await marathon.tasks('/e/gone'))[0]?.state === 'TASK_RUNNING')
  await marathon.remove('/e/gone')
  await waitFor('its end', 20_000, () => events.some((one) => one.eventType === 'app_terminated_event'))
  const types = events.filter((one) => one.appId === '/e/gone').map((one) => one.eventType)
  expect(types.indexOf('remove_health_check_event')).toBeGreaterThan(-1)
  expect(types.indexOf('remove_health_check_event')).toBeLessThan(types.indexOf('app_terminated_event'))
})

test('a failure in the grace period is told to nobody; one after it is a failed_health_check_event', async () => {
  const { of } = await listen()
  const failing = { ...probe, maxConsecutiveFailures: 100 }
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/e/graced', healthChecks: [{ ...failing }] })
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    id: '/e/failing',
    healthChecks: [{ ...failing, gracePeriodSeconds: 0 }],
  })
  await waitFor('two failures', 20_000, () => of('failed_health_check_event', '/e/failing').length > 1)
  const [task] = await marathon.tasks('/e/failing')
  expect(of('failed_health_check_event', '/e/failing')[0]).toMatchObject({
    taskId: task.id.replace(/\._app\.\d+$/, ''),
    healthCheck: { command: { value: 'test -e well' } },
  })
  expect(of('failed_health_check_event', '/e/graced')).toEqual([])
  for (const id of ['/e/graced', '/e/failing']) await marathon.ask('DELETE', `/v2/apps${id}`)
})

test('unhealthy_instance_kill_event is of checks that Marathon makes, not of those of an executor', async () => {
  const { of, events } = await listen()
  const strict = { gracePeriodSeconds: 0, intervalSeconds: 1, maxConsecutiveFailures: 1 }
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    id: '/e/probed',
    portDefinitions: [{ port: 0 }],
    healthChecks: [{ ...strict, protocol: 'TCP' }],
  })
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    id: '/e/executed',
    healthChecks: [{ ...probe, ...strict }],
  })
  const killed = (id: string) => of('status_update_event', id).some((one) => one.taskStatus === 'TASK_KILLED')
  await waitFor('both to be killed', 30_000, () => killed('/e/probed') && killed('/e/executed'))
  expect(of('unhealthy_instance_kill_event', '/e/executed')).toEqual([])
  const told = events.findIndex((one) => one.eventType === 'unhealthy_instance_kill_event')
  const ended = events.findIndex((one) => one.appId === '/e/probed' && one.taskStatus === 'TASK_KILLED')
  expect([told > -1, told < ended]).toEqual([true, true])
  for (const id of ['/e/probed', '/e/executed']) await marathon.ask('DELETE', `/v2/apps${id}`)
})

test('a change that is refused is a group_change_failed with the reason; a definition nobody can read is none', async () => {
  const { events } = await listen()
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/e/there' })
  await marathon.runs('/e/there', 1)
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/e/there' })
  await marathon.ask('PATCH', '/v2/apps/e/nowhere', { instances: 2 })
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/e/wrong', cpus: -1 })
  await marathon.ask('PUT', '/v2/apps/e/there', { cpus: -1 })
  const refused = await waitFor('the events', 20_000, () => {
    const found = events.filter((one) => one.eventType === 'group_change_failed')
    return found.length >= 2 ? found : undefined
  })
  expect(refused.map((one) => one['reason'])).toEqual([
    'An app with id [/e/there] already exists.',
    "App '/e/nowhere' does not exist",
  ])
  await marathon.remove('/e/there')
})

test('a leader that abdicates says so, sends its listeners away and removes its checks', async () => {
  const { events, openings } = await listen()
  await marathon.ask('POST', '/v2/apps', {
    ...small,
    id: '/e/led',
    healthChecks: [{ ...probe, command: { value: 'true' } }],
  })
  await marathon.runs('/e/led', 1)
  events.length = 0
  await marathon.ask('DELETE', '/v2/leader')
  await waitFor('the reconnect', 20_000, () => openings() === 2)
  const types = events.map((one) => one.eventType)
  expect(types.slice(0, 2)).toEqual(['scheduler_disconnected_event', 'remove_health_check_event'])
  await marathon.remove('/e/led')
})
