import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { expectConforms } from './conformance.ts'
import { type MarathonProcess, waitFor } from './marathon-process.ts'
import { marathonsOfFile } from './of-file.ts'

/** State files as earlier servers left them when they were killed; `states/README.md` says what was going on. */
const states = join(import.meta.dirname, 'states')

const { create } = marathonsOfFile()

function prepare(name: string): MarathonProcess {
  const marathon = create()
  mkdirSync(marathon.dataDir)
  // A delay of a week is one of this week.
  const text = readFileSync(join(states, name), 'utf8').replaceAll(/"sinceMs":\d+/g, `"sinceMs":${Date.now()}`)
  writeFileSync(join(marathon.dataDir, 'state.jsonl'), text)
  return marathon
}

const aside = (marathon: MarathonProcess) => join(marathon.dataDir, 'unreadable.jsonl')

describe.each(readdirSync(states).filter((name) => name.endsWith('.jsonl')))('%s', (name) => {
  test('what an older server left is taken over, its deployments and delays too', async () => {
    const marathon = prepare(name)
    await marathon.start()
    const { body } = await marathon.ask('GET', '/v2/apps?embed=apps.tasks')
    expectConforms('app-list', body)
    const ids = body.apps.map(({ id }: { id: string }) => id).sort()
    expect(ids).toEqual(['/old/once', '/old/upgrading', '/old/waiting', '/old/web'])
    const { body: deployments } = await marathon.ask('GET', '/v2/deployments')
    expectConforms('deployments', deployments)
    expect(deployments.map((one: { affectedApps: string[] }) => one.affectedApps).sort()).toEqual([
      ['/old/upgrading'],
      ['/old/waiting'],
    ])
    const web = await waitFor('three tasks', 60_000, async () => {
      const { app } = (await marathon.ask('GET', '/v2/apps/old/web')).body
      return app.tasksRunning === 3 ? app : undefined
    })
    expect([web.env, web.labels]).toEqual([{ A: 'b' }, { kind: 'web' }])
    const [once] = await marathon.tasks('/old/once')
    expect([once.state, once.id.endsWith('_app.1')]).toEqual(['TASK_FAILED', true])
    const [upgrade] = deployments.filter((one: { affectedApps: string[] }) => one.affectedApps[0] === '/old/upgrading')
    expect((await marathon.ask('DELETE', `/v2/deployments/${upgrade.id}?force=true`)).status).toBe(202)
    expect(existsSync(aside(marathon))).toBe(false)
  })
})

test('what cannot be read is set aside, said once, and stops no start', async () => {
  const marathon = prepare('one-app-a-deployment.jsonl')
  const broken = [
    ['app:/old/broken', { current: null }],
    ['app:/old/worse', 'text'],
    ['instance:x', { id: 'x', appId: '/old/web', goal: 'Running', task: { id: 'y', state: 'TASK_DREAMING' } }],
    ['deployment:y', null],
    ['deployment:z', ['steps']],
    ['delay:/old/web', { delayMs: 'long' }],
    ['group:/old', 7],
    ['change:v', {}],
    ['pods:/of/a/newer/server', { kept: true }],
  ]
  // Of an app that cannot be read: it would never end.
  const steps = [{ actions: [{ action: 'ScaleApplication', app: '/old/broken' }] }]
  const hopeless = ['deployment:h', { id: 'h', version: 'v', steps, currentStep: 1, done: [], limits: {} }]
  const lines = [...broken, hopeless].map((record) => JSON.stringify([record]))
  appendFileSync(join(marathon.dataDir, 'state.jsonl'), `${lines.join('\n')}\n{"not": "ours"}\n`)
  await marathon.start()
  expect((await marathon.ask('GET', '/v2/apps')).body.apps).toHaveLength(4)
  const kept = readFileSync(aside(marathon), 'utf8').trim().split('\n')
  expect(kept.sort()).toEqual(
    [
      '{"not": "ours"}',
      ...[...broken.filter(([key, value]) => value !== null && !String(key).startsWith('pods:')), hopeless].map((one) =>
        JSON.stringify(one),
      ),
    ].sort(),
  )
  const said = () => marathon.output.split('\n').filter((line) => line.includes('set aside'))
  expect(said()).toHaveLength(2)
  expect(said().join()).toContain('app:/old/broken')
  await marathon.kill()
  await marathon.start()
  expect(said()).toHaveLength(2)
  expect(readFileSync(join(marathon.dataDir, 'state.jsonl'), 'utf8')).toContain('pods:/of/a/newer/server')
})
