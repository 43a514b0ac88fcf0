import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MarathonProcess, makeFolder, waitFor } from './marathon-process.ts'
import { marathonsOfFile } from './of-file.ts'

const { folder, start } = marathonsOfFile()

const small = { cpus: 0.1, mem: 16, portDefinitions: [] }
const once = { ...small, backoffSeconds: 604_800, backoffFactor: 1, maxLaunchDelaySeconds: 604_800 }
/** Where a task leaves a line for each of its starts: the only witness that cannot be fooled. */
const witness = (marathon: MarathonProcess, name: string) => join(marathon.dataDir, name)
const starts = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').length : 0)

function processesOf(taskId: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const isIt =
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').includes(`MESOS_TASK_ID=${taskId}\0`)
      return isIt ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}

test('running tasks are adopted after kill -9, with the same id, and end as ever', async () => {
  const marathon = await start()
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/long', cmd: 'sleep 1000', instances: 2 })
  const before = (await marathon.runs('/t/long', 2)).tasks.map((task: { id: string }) => task.id).sort()
  await marathon.kill()
  expect(processesOf(before[0]).length).toBeGreaterThan(0)
  await marathon.start()
  const after = (await marathon.runs('/t/long', 2)).tasks.map((task: { id: string }) => task.id).sort()
  expect(after).toEqual(before)
  // An adopted task is watched: when it is killed from outside, it is launched again in the same instance.
  for (const pid of processesOf(before[0])) process.kill(pid, 'SIGKILL')
  const next = await waitFor('the relaunch', 30_000, async () => {
    const tasks = await marathon.tasks('/t/long')
    return tasks.find((task) => task.state === 'TASK_RUNNING' && !before.includes(task.id))
  })
  expect(next.id).toBe(before[0].replace(/_app\.1$/, '_app.2'))
  await marathon.remove('/t/long')
  expect(processesOf(next.id)).toEqual([])
})

test('a task that ends while the server is away keeps its exit code', async () => {
  const marathon = await start()
  const go = witness(marathon, 'go')
  await marathon.ask('POST', '/v2/apps', {
    ...once,
    id: '/t/away',
    cmd: `while [ ! -e ${go} ]; do sleep 0.02; done; exit 7`,
  })
  const [task] = (await marathon.runs('/t/away', 1)).tasks
  await marathon.kill()
  writeFileSync(go, '')
  await waitFor('the task to end', 20_000, () => processesOf(task.id).length === 0)
  await marathon.start()
  const { app } = (await marathon.ask('GET', '/v2/apps/t/away')).body
  expect(app.lastTaskFailure).toMatchObject({
    taskId: task.id,
    state: 'TASK_FAILED',
    message: 'Command exited with status 7',
  })
  expect(app.tasks[0]).toMatchObject({ id: task.id, state: 'TASK_FAILED' })
})

test('a run-once app does not run again when the server dies between exit and delete', async () => {
  const marathon = await start()
  const ran = witness(marathon, 'ran')
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/t/once', cmd: `echo $MESOS_TASK_ID >> ${ran}` })
  await waitFor('the end', 20_000, async () => (await marathon.tasks('/t/once'))[0]?.state === 'TASK_FINISHED')
  await marathon.kill()
  await marathon.start()
  const { queue } = (await marathon.ask('GET', '/v2/queue')).body
  expect(queue[0].delay.overdue).toBe(false)
  expect(queue[0].delay.timeLeftSeconds).toBeGreaterThan(604_000)
  // A marker app that is launched later shows that the queue was looked at meanwhile.
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/marker', cmd: 'sleep 1000' })
  await marathon.runs('/t/marker', 1)
  expect(starts(ran)).toBe(1)
  await marathon.remove('/t/once')
  expect((await marathon.ask('GET', '/v2/queue')).body.queue).toEqual([])
})

test('the server dies between the end of the task and noting it: still one run', async () => {
  for (const point of ['local-marathon.task.before-end', 'local-marathon.task.after-end']) {
    const crashes = join(folder.path, point)
    mkdirSync(crashes)
    writeFileSync(join(crashes, point), '')
    const marathon = await start({ BATON_CRASH_DIR: crashes })
    const ran = witness(marathon, 'ran')
    await marathon.ask('POST', '/v2/apps', { ...once, id: '/t/once', cmd: `sleep 0.2; echo run >> ${ran}` })
    await marathon.ended()
    await marathon.start()
    await waitFor('the end', 20_000, async () => (await marathon.tasks('/t/once'))[0]?.state === 'TASK_FINISHED')
    expect((await marathon.ask('GET', '/v2/queue')).body.queue[0].delay.overdue).toBe(false)
    expect(starts(ran), point).toBe(1)
  }
})

test('with forgotten delays it is launched again, under another task id: what a leader change does', async () => {
  const marathon = await start({ MARATHON_FORGET_DELAYS: 'true' })
  const ran = witness(marathon, 'ran')
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/t/once', cmd: `echo $MESOS_TASK_ID >> ${ran}` })
  await waitFor('the end', 20_000, async () => (await marathon.tasks('/t/once'))[0]?.state === 'TASK_FINISHED')
  expect(starts(ran)).toBe(1)
  await marathon.kill()
  await marathon.start({ MARATHON_FORGET_DELAYS: 'true' })
  await waitFor('the second run', 20_000, () => starts(ran) === 2)
  expect(new Set(readFileSync(ran, 'utf8').trim().split('\n')).size).toBe(2)
})

test('an intent without a process is dropped, and its id is not used again', async () => {
  const crashes = join(folder.path, 'crash-before-spawn')
  mkdirSync(crashes)
  const marathon = await start({ BATON_CRASH_DIR: crashes })
  const ran = witness(marathon, 'ran')
  writeFileSync(join(crashes, 'local-marathon.task.before-spawn'), '')
  await marathon
    .ask('POST', '/v2/apps', { ...small, id: '/t/lost', cmd: `echo $MESOS_TASK_ID >> ${ran}; sleep 1000` })
    .catch(() => undefined)
  await marathon.ended()
  await marathon.start()
  const app = await marathon.runs('/t/lost', 1)
  expect(app.lastTaskFailure.state).toBe('TASK_DROPPED')
  expect(app.lastTaskFailure.taskId).toMatch(/_app\.1$/)
  expect(app.tasks[0].id).toMatch(/_app\.2$/)
  // A task counts as running when its process is there, a moment before the command does anything.
  await waitFor('its line', 20_000, () => starts(ran) > 0)
  expect(starts(ran)).toBe(1)
})

test('a server that dies right after starting a process finds it again', async () => {
  const crashes = join(folder.path, 'crash-after-spawn')
  mkdirSync(crashes)
  const marathon = await start({ BATON_CRASH_DIR: crashes })
  const ran = witness(marathon, 'ran')
  writeFileSync(join(crashes, 'local-marathon.task.after-spawn'), '')
  await marathon
    .ask('POST', '/v2/apps', { ...small, id: '/t/found', cmd: `echo x >> ${ran}; sleep 1000` })
    .catch(() => undefined)
  await marathon.ended()
  await marathon.start()
  const app = await marathon.runs('/t/found', 1)
  expect(app.tasks[0].id).toMatch(/_app\.1$/)
  await waitFor('its line', 20_000, () => starts(ran) === 1)
})

test('a torn end of the state file is left out, and the server starts', async () => {
  const marathon = await start()
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/torn', cmd: 'sleep 1000' })
  await marathon.runs('/t/torn', 1)
  await marathon.kill()
  writeFileSync(join(marathon.dataDir, 'state.jsonl'), '["app:/t/half",{"current":{"defin', { flag: 'a' })
  await marathon.start()
  await marathon.runs('/t/torn', 1)
  expect((await marathon.ask('GET', '/v2/apps')).body.apps).toHaveLength(1)
})

test('a second server on the same data is refused', async () => {
  const marathon = await start()
  const second = new MarathonProcess(folder.bundle, marathon.dataDir)
  await expect(second.start()).rejects.toThrow(/already works on/)
})

test('nothing of a task is left when it ends, detached processes included', async () => {
  const marathon = await start()
  const go = witness(marathon, 'go')
  await marathon.ask('POST', '/v2/apps', {
    ...once,
    id: '/t/detach',
    cmd: `(setsid sleep 1000 &) ; setsid -f sleep 1000; while [ ! -e ${go} ]; do sleep 0.02; done`,
  })
  const [task] = (await marathon.runs('/t/detach', 1)).tasks
  const isDetached = (pid: number) => commandOf(pid) === 'sleep 1000'
  await waitFor('two detached processes', 20_000, () => processesOf(task.id).filter(isDetached).length === 2)
  writeFileSync(go, '')
  await waitFor('the end', 20_000, async () => (await marathon.tasks('/t/detach'))[0]?.state === 'TASK_FINISHED')
  expect(processesOf(task.id)).toEqual([])
})

test('SIGTERM to the server leaves tasks running; the next start adopts them', async () => {
  const marathon = await start()
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/stay', cmd: 'sleep 1000' })
  const [task] = (await marathon.runs('/t/stay', 1)).tasks
  await marathon.kill('SIGTERM')
  expect(processesOf(task.id).length).toBeGreaterThan(0)
  await marathon.start()
  expect((await marathon.runs('/t/stay', 1)).tasks[0].id).toBe(task.id)
})

test('a relaunch waits longer each time, and the growing delay survives a restart', async () => {
  const marathon = await start()
  const ran = witness(marathon, 'ran')
  const app = { ...small, id: '/t/crashing', cmd: `date +%s%N >> ${ran}; exit 1`, backoffSeconds: 1, backoffFactor: 4 }
  await marathon.ask('POST', '/v2/apps', app)
  await waitFor('three starts', 30_000, () => starts(ran) === 3)
  const times = readFileSync(ran, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line) / 1e6)
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1_000)
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(4_000)
  await waitFor('the third end', 20_000, async () => (await marathon.tasks('/t/crashing'))[0]?.state === 'TASK_FAILED')
  await marathon.kill()
  await marathon.start()
  const [{ delay }] = (await marathon.ask('GET', '/v2/queue')).body.queue
  expect(delay.timeLeftSeconds).toBeGreaterThan(4)
  expect((await marathon.ask('DELETE', '/v2/queue//t/crashing/delay')).status).toBe(204)
  // Sooner than the delay would have let it.
  await waitFor('the fourth start', (delay.timeLeftSeconds - 2) * 1_000, () => starts(ran) >= 4)
})

test.skipIf(process.getuid?.() !== 0)('a task runs as another account, which cannot read the state', async () => {
  // Beside the other files, which nobody else can reach.
  const sandboxes = await makeFolder()
  onTestFinished(sandboxes.remove)
  chmodSync(sandboxes.path, 0o711)
  const marathon = await start({ MARATHON_SANDBOXES: sandboxes.path })
  const cmd = `id -un > who; cat ${marathon.dataDir}/state.jsonl > stolen 2>/dev/null || echo refused >> who; sleep 1000`
  await marathon.ask('POST', '/v2/apps', { ...small, id: '/t/nobody', cmd, user: 'nobody' })
  const app = await marathon.runs('/t/nobody', 1)
  const file = join(sandboxes.path, app.tasks[0].id, 'who')
  await waitFor('its words', 20_000, () => existsSync(file) && readFileSync(file, 'utf8') === 'nobody\nrefused\n')
  await marathon.ask('POST', '/v2/apps', { ...once, id: '/t/stranger', cmd: 'true', user: 'no-such-account' })
  const failed = await waitFor(
    'the failure',
    20_000,
    async () => (await marathon.ask('GET', '/v2/apps/t/stranger')).body.app.lastTaskFailure,
  )
  expect(failed.message).toContain('user unknown')
  await marathon.remove('/t/nobody')
})
