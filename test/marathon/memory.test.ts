import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type MarathonProcess, waitFor } from './marathon-process.ts'
import { marathonsOfFile } from './of-file.ts'

const { start } = marathonsOfFile()

const once = {
  cpus: 0.1,
  portDefinitions: [],
  backoffSeconds: 604_800,
  backoffFactor: 1,
  maxLaunchDelaySeconds: 604_800,
}
/** Takes so many MB, says so, and stays. */
const take = (mb: number) =>
  `const all = []; for (let i = 0; i < ${mb}; i++) all.push(Buffer.alloc(1e6, i)); require('fs').writeFileSync('took', ''); setInterval(() => all.length, 1000)`
const hog = { ...once, mem: 64, args: [process.execPath, '-e', take(400)] }
const words = /^Memory limit exceeded: Requested: 96MB Maximum Used: \d+MB$/

async function failureOf(marathon: MarathonProcess, id: string) {
  return waitFor(
    'the failure',
    60_000,
    async () => (await marathon.ask('GET', `/v2/apps${id}`)).body.app.lastTaskFailure,
  )
}

describe.each(['auto', 'look'])('caps: %s', (caps) => {
  test('a task that takes more memory than it asked for fails, in the words of Mesos', async () => {
    const marathon = await start({ MARATHON_MEMORY_CAPS: caps })
    await marathon.ask('POST', '/v2/apps', { ...hog, id: '/m/hog' })
    const failure = await failureOf(marathon, '/m/hog')
    expect(failure).toMatchObject({ state: 'TASK_FAILED', message: expect.stringMatching(words) })
    const [task] = await marathon.tasks('/m/hog')
    expect(task.state).toBe('TASK_FAILED')
  })

  test('a task whose child takes too much is ended as a whole', async () => {
    const marathon = await start({ MARATHON_MEMORY_CAPS: caps })
    const cmd = `${process.execPath} -e "${take(400)}" & sleep 1000; true`
    await marathon.ask('POST', '/v2/apps', { ...once, mem: 64, id: '/m/child', cmd })
    expect((await failureOf(marathon, '/m/child')).message).toMatch(words)
  })

  test('a task keeps what it asked for, what Mesos gives its executor included', async () => {
    const marathon = await start({ MARATHON_MEMORY_CAPS: caps })
    await marathon.ask('POST', '/v2/apps', {
      ...once,
      mem: 128,
      id: '/m/fits',
      args: [process.execPath, '-e', take(100)],
    })
    const app = await marathon.runs('/m/fits', 1)
    const took = join(marathon.dataDir, 'sandboxes', app.tasks[0].id, 'took')
    await waitFor('what it takes', 30_000, () => existsSync(took))
    expect((await marathon.tasks('/m/fits'))[0].state).toBe('TASK_RUNNING')
  })

  test('an adopted task is still held to its memory', async () => {
    const marathon = await start({ MARATHON_MEMORY_CAPS: caps })
    const go = join(marathon.dataDir, 'go')
    const waiting = `const fs = require('fs'); const wait = setInterval(() => { if (!fs.existsSync('${go}')) return; clearInterval(wait); ${take(400)} }, 20)`
    await marathon.ask('POST', '/v2/apps', {
      ...once,
      mem: 64,
      id: '/m/adopted',
      args: [process.execPath, '-e', waiting],
    })
    await marathon.runs('/m/adopted', 1)
    await marathon.kill()
    await marathon.start({ MARATHON_MEMORY_CAPS: caps })
    writeFileSync(go, '')
    expect((await failureOf(marathon, '/m/adopted')).message).toMatch(words)
  })
})

test('without caps a task may take more, and the log says so', async () => {
  const marathon = await start({ MARATHON_MEMORY_CAPS: 'off' })
  await marathon.ask('POST', '/v2/apps', { ...hog, id: '/m/free' })
  const app = await marathon.runs('/m/free', 1)
  await waitFor('what it takes', 30_000, () => existsSync(join(marathon.dataDir, 'sandboxes', app.tasks[0].id, 'took')))
  expect((await marathon.tasks('/m/free'))[0].state).toBe('TASK_RUNNING')
  expect(marathon.output).toContain('tasks may use more memory than they asked for')
})

test('no control group is left of a task that is over', async () => {
  const marathon = await start()
  const dir = /control groups \(version \d\) in ([^"]+)/.exec(marathon.output)?.[1]
  // Where no group may be made, tasks are looked at instead, and there is none to leave.
  const wait = dir === undefined ? '' : 'while ! grep -q "$MESOS_TASK_ID" /proc/self/cgroup; do sleep 0.02; done; '
  await marathon.ask('POST', '/v2/apps', { ...once, mem: 16, id: '/m/short', cmd: `${wait}cat /proc/self/cgroup` })
  const [task] = await waitFor('the end', 20_000, async () => {
    const tasks = await marathon.tasks('/m/short')
    return tasks[0]?.state === 'TASK_FINISHED' ? tasks : undefined
  })
  const groups = readFileSync(join(marathon.dataDir, 'sandboxes', task.id, 'stdout'), 'utf8')
  expect(groups.includes(task.id)).toBe(dir !== undefined)
  if (dir === undefined) return
  // As soon as its last process is reaped.
  await waitFor('the group to go', 20_000, () => !existsSync(join(dir, task.id)))
  await marathon.kill('SIGTERM')
  expect(existsSync(dir)).toBe(false)
  await marathon.start()
})
