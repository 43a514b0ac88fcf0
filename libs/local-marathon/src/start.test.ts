import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createLog } from '@baton/service-kit/log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Machine } from './machine.ts'
import { collectSandboxes } from './sandbox/collect.ts'
import { startLocalMarathon } from './start.ts'
import { listTaskProcesses } from './tasks/find-processes.ts'
import { makeTaskLogFolder, revokeStart } from './tasks/task-log.ts'

const log = createLog({ service: 'test', level: 'silent' })
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-local-'))
})
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

async function waitFor(look: () => Promise<boolean>): Promise<void> {
  const endAt = Date.now() + 10_000
  while (!(await look())) {
    if (Date.now() > endAt) throw new Error('waited 10 s in vain')
    await pause(20)
  }
}

test('it starts, runs an app, and on request stops with everything it runs', async () => {
  const marathon = await startLocalMarathon({ dataDir: folder, host: '127.0.0.1', port: 0, log })
  const url = `http://127.0.0.1:${marathon.port}`
  const app = {
    id: '/in-process',
    cmd: 'trap "" TERM; sleep 1000',
    cpus: 0.1,
    mem: 8,
    portDefinitions: [],
    taskKillGracePeriodSeconds: 1,
  }
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(app) }
  expect((await fetch(`${url}/v2/apps`, init)).status).toBe(201)
  const tasks = async () =>
    ((await (await fetch(`${url}/v2/tasks`)).json()) as { tasks: { id: string; state: string }[] }).tasks
  await waitFor(async () => (await tasks())[0]?.state === 'TASK_RUNNING')
  const id = (await tasks())[0]?.id ?? ''
  expect(listTaskProcesses().get(id)).toBeDefined()
  await marathon.stop({ killTasks: true })
  expect(listTaskProcesses().get(id)).toBeUndefined()
})

test('a port that is taken is an error, and the folder is free again', async () => {
  const first = await startLocalMarathon({ dataDir: join(folder, 'a'), host: '127.0.0.1', port: 0, log })
  const taken = { dataDir: join(folder, 'b'), host: '127.0.0.1', port: first.port, log }
  await expect(startLocalMarathon(taken)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await first.stop()
  const second = await startLocalMarathon(taken)
  await second.stop()
})

test('old sandboxes and those beyond the number kept are removed, known ones stay', async () => {
  const { mkdir } = await import('node:fs/promises')
  const now = new Date(1_800_000_000_000)
  makeTaskLogFolder(folder)
  for (const [name, ageMs] of [
    ['old', 10_000],
    ['young', 10],
    ['younger', 5],
    ['known', 99_999],
  ] as const) {
    await mkdir(join(folder, name))
    const at = new Date(now.getTime() - ageMs)
    await utimes(join(folder, name), at, at)
    revokeStart(folder, name)
  }
  await mkdir(join(folder, 'not-ours'))
  await utimes(join(folder, 'not-ours'), 0, 0)
  const settings = { sandboxDir: folder, dataDir: folder, endedSandboxesMax: 1, endedSandboxMaxMs: 1_000 }
  const instances = new Map([['i', { task: { id: 'known' } }]])
  await collectSandboxes({ settings, instances, now: () => now } as unknown as Machine)
  expect((await readdir(folder)).sort()).toEqual(['known', 'not-ours', 'tasks', 'younger'])
})
