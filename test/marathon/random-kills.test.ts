import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { waitFor } from './marathon-process.ts'
import { marathonOfFile } from './of-file.ts'

const appCount = 30
const killCount = 12
const killPauseMaxMs = 350

const { folder, marathon } = marathonOfFile()

/** Numbers from 0 to 1 that a printed seed repeats. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

const app = (index: number, witness: string) => ({
  id: `/run/once-${index}`,
  cmd: `echo ${index} >> ${witness}; sleep 0.1`,
  cpus: 0.2,
  mem: 8,
  portDefinitions: [],
  backoffSeconds: 604_800,
  backoffFactor: 1,
  maxLaunchDelaySeconds: 604_800,
})

/** Posts until the server has it: 201, or 409 after an answer was lost. */
async function post(index: number, witness: string): Promise<void> {
  await waitFor(`app ${index} to be accepted`, 60_000, async () => {
    const answer = await marathon.ask('POST', '/v2/apps', app(index, witness)).catch(() => undefined)
    return answer !== undefined && [201, 409].includes(answer.status)
  })
}

test('run-once apps posted to a server that is killed again and again run once each', async () => {
  const seed = Number(process.env['BATON_SEED'] ?? Date.now() % 100_000)
  console.log(`seed ${seed}: repeat with BATON_SEED=${seed}`)
  const random = createRandom(seed)
  const witness = join(folder.path, 'witness')
  const posting = (async () => {
    for (let index = 0; index < appCount; index++) await post(index, witness)
  })()
  for (let count = 0; count < killCount; count++) {
    await pause(random() * killPauseMaxMs)
    await marathon.kill()
    await marathon.start()
  }
  await posting
  const over = ['TASK_FINISHED', 'TASK_DROPPED']
  const apps = await waitFor('every app to end', 60_000, async () => {
    const { body } = await marathon.ask('GET', '/v2/apps?embed=apps.tasks')
    const areOver = body.apps.every((one: { tasks: { state: string }[] }) => over.includes(one.tasks[0]?.state ?? ''))
    return areOver ? body.apps : undefined
  })
  expect(apps).toHaveLength(appCount)
  const ran = existsSync(witness) ? readFileSync(witness, 'utf8').trim().split('\n').map(Number) : []
  expect(ran.filter((index, at) => ran.indexOf(index) !== at)).toEqual([])
  // What did not run says so: its process had not been started when the server died.
  const lost = apps.filter((one: { tasks: { state: string }[] }) => one.tasks[0]?.state === 'TASK_DROPPED')
  expect(ran.length + lost.length).toBeGreaterThanOrEqual(appCount)
  const idle = apps.filter((one: { id: string }) => !ran.includes(Number(one.id.split('-')[1])))
  for (const one of idle) expect(one.tasks[0].state).toBe('TASK_DROPPED')
})
