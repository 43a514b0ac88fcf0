import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GitServer, startGitServer } from '../platform/git-server.ts'
import { type StartedPlatform, startPlatform } from '../platform/start-platform.ts'
import { collectFacts } from './collect-facts.ts'
import { crashAt } from './crash.ts'
import { findFaults } from './find-faults.ts'
import { type Gate, openGate } from './gate.ts'
import { matrix } from './matrix.ts'
import { startRelaunching } from './relaunch.ts'
import { Scene } from './scene.ts'
import { triggersOf } from './triggers.ts'

/** What a dead worker held is free again after a few seconds instead of half a minute; everything else is as ever. */
const shortWaits = {
  'pipeline-state-controller': { LEASE_MS: '3000', RECONCILE_MS: '2000', STOP_MAX_MS: '3000', WATCH_MS: '500' },
  'pipeline-spawner': { KILL_GRACE_S: '2' },
}

const startMaxMs = 240_000

let crashDir: string
let platform: StartedPlatform
let server: GitServer
let gate: Gate
let stopRelaunching: () => Promise<void>
let scene: Scene
let triggers: ReturnType<typeof triggersOf>

beforeAll(async () => {
  crashDir = mkdtempSync(join(tmpdir(), 'baton-crashes-'))
  // Run-once processes may be another account's, and who dies removes the file that told it to.
  chmodSync(crashDir, 0o777)
  platform = await startPlatform({ env: { BATON_CRASH_DIR: crashDir }, settings: shortWaits })
  stopRelaunching = startRelaunching(platform)
  server = await startGitServer(platform.folders.repositories)
  gate = await openGate(server.url)
  scene = new Scene(platform)
  const main = await scene.register('main')
  const quiet = await scene.register('quiet', { every: 'commit' })
  const behindGate = await scene.register('gated', { baseUrl: gate.url })
  triggers = triggersOf(scene, { main, quiet, behindGate, gate })
  await scene.settles()
}, startMaxMs)

afterAll(async () => {
  await stopRelaunching?.()
  await gate?.close()
  await server?.close()
  await platform?.stop()
  rmSync(crashDir, { recursive: true, force: true })
}, startMaxMs)

test.each(matrix)('$victim dies at $point', async (row) => {
  await crashAt(scene, crashDir, row, triggers[row.trigger])
})

test('after all that everything pushed is built, nothing ran twice and no line is missing', async () => {
  await scene.settles()
  const facts = await collectFacts(scene)
  expect(findFaults(facts)).toEqual([])
  // A matrix that builds nothing would prove nothing.
  expect(facts.builds.filter(({ status }) => status === 'success').length).toBeGreaterThan(matrix.length / 2)
})
