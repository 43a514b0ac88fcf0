import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { AppDefinition, Marathon } from '@baton/marathon'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bundleOf } from '../bin/bundle.mjs'
import { checkout } from '../checkout.ts'
import { tempDir } from '../testing/temp-dir.ts'
import { connectMarathon } from './connect.ts'
import { type DataFolder, openDataFolder } from './data-folder.ts'
import { definitionLabel, type ServiceDefinition } from './definitions.ts'
import { keepMarathon } from './marathon-keeper.ts'
import { findMarathon, stopMarathon } from './marathon-process.ts'
import { type PlatformFile, urlsOf, writePlatformFile } from './platform-file.ts'
import { choosePorts } from './ports.ts'
import { isAlive, type ProcessMark, signalProcess } from './process.ts'
import { rollService, waitUntilHealthy } from './roll-services.ts'
import { makeSecrets } from './secrets.ts'
import { waitForMarathon } from './start-platform.ts'

const host = '127.0.0.1'
const limitMs = 20_000

interface Place {
  readonly data: DataFolder
  readonly platform: PlatformFile
  readonly marathon: Marathon
}

/** A data folder with two releases, a and b, that hold nothing but the local Marathon. */
async function openPlace(): Promise<Place> {
  const data = openDataFolder(join(tempDir('keeper'), 'data'), false)
  makeSecrets(data.secrets)
  const file = await bundleOf(join(checkout, 'libs/local-marathon/src/main.ts'), { packages: 'bundle' })
  for (const digest of ['a', 'b']) {
    const dir = join(data.releases, digest)
    mkdirSync(dir)
    cpSync(file, join(dir, 'local-marathon.mjs'))
    writeFileSync(join(dir, 'release.json'), JSON.stringify({ digest, parts: { 'local-marathon': digest } }))
  }
  const ports = await choosePorts({ marathon: 0, controller: 0, builder: 0, spawner: 0 }, host, new Set())
  const platform = writePlatformFile(data.root, {
    installation: 'abc123',
    host,
    ports,
    ...urlsOf(host, ports),
    release: 'a',
    openDir: data.root,
    buildUser: null,
    sampleDone: true,
  })
  return { data, platform, marathon: connectMarathon(data, platform) }
}

/** Keeps a Marathon until the test is over; its tasks are ended with it. */
async function keep({ data, platform, marathon }: Place, part = 'a') {
  const keeper = keepMarathon(data, () => {})
  onTestFinished(async () => {
    await keeper.leave()
    const left = findMarathon(data)
    if (left === undefined) return
    for (const { id } of await marathon.listApps('TEST')) await marathon.deleteApp(id)
    await until('no deployment is left', async () => (await marathon.listDeployments()).length === 0)
    await stopMarathon(left.process)
  })
  await waitForMarathon(connectMarathon(data, platform), data, part)
  return keeper
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = performance.now() + limitMs; !(await holds()); await wait(20)) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
  }
}

const running = (data: DataFolder): ProcessMark => {
  const found = findMarathon(data)
  if (found === undefined) throw new Error('no local Marathon runs')
  return found.process
}

const serving = `node -e "require('http').createServer((q, r) => r.end()).listen(process.env.PORT0, '127.0.0.1')"`

function appOf(definition: string, more: Partial<AppDefinition> = {}): ServiceDefinition {
  return {
    id: '/baton/one',
    cmd: serving,
    cpus: 0.1,
    mem: 64,
    instances: 1,
    labels: { TEST: 'true', [definitionLabel]: definition },
    portDefinitions: [{ port: 0, protocol: 'tcp', name: 'http' }],
    healthChecks: [{ protocol: 'HTTP', path: '/', portIndex: 0, intervalSeconds: 1, gracePeriodSeconds: 10 }],
    ...more,
  } as ServiceDefinition
}

describe('the local Marathon', () => {
  test('is started again when it dies, and is adopted by the next supervisor', async () => {
    const place = await openPlace()
    const keeper = await keep(place)
    const first = running(place.data)

    signalProcess(first, 'SIGKILL')
    await until('another one runs', () => (findMarathon(place.data)?.process.pid ?? first.pid) !== first.pid)
    await waitForMarathon(place.marathon, place.data)
    const second = running(place.data)

    await keeper.leave()
    expect(isAlive(second)).toBe(true)
    await keep(place)
    expect(running(place.data)).toEqual(second)
  }, 60_000)

  test('of an older release makes way for the one that platform.json names', async () => {
    const place = await openPlace()
    const keeper = await keep(place)
    const first = running(place.data)
    await keeper.leave()

    writePlatformFile(place.data.root, { ...place.platform, release: 'b' })
    await keep(place, 'b')

    await until('the newer one runs', () => findMarathon(place.data)?.part === 'b')
    expect(isAlive(first)).toBe(false)
  }, 60_000)

  test('whose start nobody wrote down is known by its own lock', async () => {
    const place = await openPlace()
    const keeper = await keep(place)
    await keeper.leave()

    writeFileSync(join(place.data.root, 'marathon.json'), JSON.stringify({ process: { pid: 1, startTicks: '1' } }))

    expect(findMarathon(place.data)).toMatchObject({ part: 'unknown' })
  }, 60_000)
})

describe('a service', () => {
  test('is started, left alone while nothing changed, upgraded, and started again after a drain', async () => {
    const place = await openPlace()
    await keep(place)
    const { marathon } = place
    const tasksOf = async () => (await marathon.listTasks('/baton/one')).map(({ id }) => id)

    expect(await rollService(marathon, appOf('1'))).toBe('started')
    await waitUntilHealthy(marathon, appOf('1'), 'log')
    const first = await tasksOf()

    expect(await rollService(marathon, appOf('1'))).toBe('unchanged')
    expect(await tasksOf()).toEqual(first)

    await marathon.scaleApp('/baton/one', 2)
    await waitUntilHealthy(marathon, appOf('1'), 'log')
    expect(await rollService(marathon, appOf('2', { env: { NEW: '1' } }))).toBe('upgraded')
    await waitUntilHealthy(marathon, appOf('2'), 'log')
    const upgraded = await tasksOf()
    expect(upgraded).toHaveLength(2)
    expect(upgraded).not.toEqual(expect.arrayContaining(first))

    await marathon.scaleApp('/baton/one', 0)
    await until('it is drained', async () => (await tasksOf()).length === 0)
    expect(await rollService(marathon, appOf('2', { env: { NEW: '1' } }))).toBe('started')
    await waitUntilHealthy(marathon, appOf('2'), 'log')
    expect(await tasksOf()).toHaveLength(1)
  }, 60_000)

  test('of which there may never be two is upgraded, just after a restart of Marathon, and though it is broken', async () => {
    const place = await openPlace()
    await keep(place)
    const { marathon } = place
    const single = (definition: string, cmd = serving) =>
      appOf(definition, { cmd, upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 } })
    await rollService(marathon, single('1'))
    await waitUntilHealthy(marathon, single('1'), 'log')
    const [before] = await marathon.listTasks('/baton/one')

    const first = running(place.data)
    signalProcess(first, 'SIGKILL')
    await until('another one runs', () => (findMarathon(place.data)?.process.pid ?? first.pid) !== first.pid)
    await waitForMarathon(place.marathon, place.data)
    expect(await rollService(marathon, single('2', 'sleep 1000'))).toBe('upgraded')
    await until('the broken one runs', async () => {
      const [task, more] = await marathon.listTasks('/baton/one')
      return task?.state === 'TASK_RUNNING' && task.id !== before?.id && more === undefined
    })

    expect(await rollService(marathon, single('3'))).toBe('upgraded')
    await waitUntilHealthy(marathon, single('3'), 'log')
  }, 60_000)
})
