import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectConforms } from './conformance.ts'
import { waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

/** Takes requests, and answers none. */
let silent: Server
let asked = 0

beforeAll(async () => {
  silent = createServer(() => (asked += 1))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  silent.closeAllConnections()
  silent.close()
})
const { marathon } = marathonOfFile({ MARATHON_TASK_LAUNCH_TIMEOUT: '400', MARATHON_DISK: '100' })

const small = { cmd: 'exec sleep 1000', cpus: 0.1, mem: 16, portDefinitions: [] }

test('a launch that does not run in time is given up and tried again, without a delay', async () => {
  const uri = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/never`
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/l/stuck', backoffSeconds: 3_600, fetch: [{ uri }] })
  const task = await waitFor('the second launch', 20_000, async () =>
    (await marathon.tasks('/l/stuck')).find((one) => one.id.endsWith('_app.2')),
  )
  expect(task.state).toBe('TASK_STAGING')
  await waitFor('its artifact to be asked for again', 20_000, () => asked > 1)
  // Given up is killed: nothing failed.
  expect((await marathon.ask('GET', '/v2/apps/l/stuck')).body.app.lastTaskFailure).toBeUndefined()
  await marathon.remove('/l/stuck')
})

test('a task that runs is not given up, however old it is', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/l/old' })
  const [task] = (await marathon.runs('/l/old', 1)).tasks
  const { marathon_config: config } = (await marathon.ask('GET', '/v2/info')).body
  expect([config.task_launch_timeout, config.task_launch_confirm_timeout]).toEqual([400, 400])
  await waitFor('some time', 20_000, () => Date.now() - Date.parse(task.stagedAt) > 1_000)
  expect((await marathon.tasks('/l/old'))[0].id).toBe(task.id)
  await marathon.remove('/l/old')
})

test('disk is weighed like CPUs and memory, and the queue says that it is what is missing', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/l/large', disk: 80 })
  await marathon.runs('/l/large', 1)
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/l/waits', disk: 30 })
  const [item] = await waitFor('what waits', 20_000, async () => {
    const { body } = await marathon.ask('GET', '/v2/queue')
    expectConforms('queue', body)
    return body.queue.length > 0 ? body.queue : undefined
  })
  const summary = item.processedOffersSummary.rejectSummaryLastOffers
  expect(summary.map((one: { reason: string; declined: number; processed: number }) => Object.values(one))).toEqual([
    ['UnfulfilledRole', 0, 1],
    ['UnfulfilledConstraint', 0, 1],
    ['NoCorrespondingReservationFound', 0, 1],
    ['InsufficientCpus', 0, 1],
    ['InsufficientMemory', 0, 1],
    ['InsufficientDisk', 1, 1],
    ['InsufficientGpus', 0, 0],
    ['InsufficientPorts', 0, 0],
  ])
  await marathon.remove('/l/large')
  await marathon.runs('/l/waits', 1)
  await marathon.remove('/l/waits')
})

test('what never fits on this disk does not make others wait behind it', async () => {
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/l/huge', disk: 101 })
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/l/behind', disk: 1 })
  await marathon.runs('/l/behind', 1)
  for (const id of ['/l/huge', '/l/behind']) await marathon.remove(id)
})
