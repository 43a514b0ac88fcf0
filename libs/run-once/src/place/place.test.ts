import { BatonError } from '@baton/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { refused, unreachable } from '../testing/fake-marathon.ts'
import { installation, placePayload } from '../testing/payloads.ts'
import { openScene, type Scene } from '../testing/scene.ts'

let scene: Scene
beforeEach(async () => {
  scene = await openScene()
})
afterEach(() => scene.close())

test('an attempt is handed to Marathon as one app', async () => {
  const payload = placePayload()
  const work = scene.state.add('place-build', payload)
  scene.start()
  expect(await eventually('the work done', () => work.outcome)).toEqual({ refused: null })
  expect([...scene.marathon.apps.keys()]).toEqual([payload.appId])
  expect(scene.marathon.posts[0]?.labels['BATON_BUILD']).toBe('7')
})

test('work of the other lane is left alone', async () => {
  const other = scene.state.add('place-meta', placePayload())
  const own = scene.state.add('place-build', placePayload({ number: 8 }))
  scene.start()
  await eventually('the own work done', () => own.outcome)
  expect(other).toMatchObject({ epoch: 0, outcome: undefined })
})

test('what Marathon refuses is an outcome, with its words', async () => {
  scene.marathon.troubles.push({ error: refused('/cpus: error.min') })
  const work = scene.state.add('place-build', placePayload())
  scene.start()
  expect(await eventually('the work done', () => work.outcome)).toEqual({ refused: '/cpus: error.min' })
})

test.each([
  ['does not answer', unreachable()],
  ['runs too many deployments', new BatonError('MARATHON_FULL', 'limited', 'full')],
  ['is locked', new BatonError('MARATHON_LOCKED', 'conflict', 'locked')],
])('when Marathon %s, the work is given back and done later', async (_, error) => {
  scene.marathon.troubles.push({ error })
  const work = scene.state.add('place-build', placePayload())
  scene.start()
  expect(await eventually('the work done', () => work.outcome)).toEqual({ refused: null })
  expect(work.releases).toEqual([error.message])
  expect(scene.marathon.apps.size).toBe(1)
})

test('a lost answer to the POST does not make a second app', async () => {
  scene.marathon.troubles.push({ error: unreachable(), after: true })
  const work = scene.state.add('place-build', placePayload())
  scene.start()
  expect(await eventually('the work done', () => work.outcome)).toEqual({ refused: null })
  expect(scene.marathon.posts).toHaveLength(2)
  expect(scene.marathon.apps.size).toBe(1)
})

test('an app that somebody else made under this id is refused, and not touched', async () => {
  const payload = placePayload()
  scene.marathon.put(payload.appId, { BATON_INSTALLATION: installation, BATON_BUILD: '99' })
  const work = scene.state.add('place-build', payload)
  scene.start()
  const outcome = (await eventually('the work done', () => work.outcome)) as { refused: string }
  expect(outcome.refused).toMatch(/not of this attempt/)
  expect(scene.marathon.deletes).toEqual([])
})

test('work of another installation touches nothing', async () => {
  const work = scene.state.add('place-build', placePayload({ installation: 'other1' }))
  scene.start()
  await eventually('the work given back', () => work.releases.length > 0)
  expect(work.releases[0]).toMatch(/nothing was touched/)
  expect(scene.marathon.posts).toEqual([])
})

test('the toolchain of a meta-build is fetched as well', async () => {
  const work = scene.state.add('place-meta', placePayload({ pipeline: '~todo' }))
  const toolchain = { uri: 'http://builder.test/toolchain/d.tgz', extract: true, executable: false, cache: true }
  scene.start({ lane: 'meta', extraFetch: () => [toolchain] })
  await eventually('the work done', () => work.outcome)
  expect(scene.marathon.posts[0]?.fetch[1]).toEqual(toolchain)
})

test('many instances side by side place each attempt once', async () => {
  const works = Array.from({ length: 40 }, (_, number) => scene.state.add('place-build', placePayload({ number })))
  for (let instance = 0; instance < 4; instance += 1) scene.start()
  await eventually('all done', () => works.every((work) => work.outcome !== undefined))
  expect(scene.marathon.posts).toHaveLength(40)
  expect(scene.marathon.apps.size).toBe(40)
})
