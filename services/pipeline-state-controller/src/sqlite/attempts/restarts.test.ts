import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteOptions } from '../../testing/open-memory.ts'
import { secondMs } from '../../testing/samples.ts'
import { nameOf, Scene } from '../../testing/stage.ts'
import { openSqlite } from '../open-store.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'baton-restarts-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** The task of the next attempt ends before it claims anything. */
async function failToStart(scene: Scene) {
  const attempt = nameOf(await scene.place())
  return async (later: Scene) => {
    later.pass(secondMs)
    await later.end(attempt)
    await later.remove()
    return later.build(attempt)
  }
}

test('a task that could not start because the controller was away costs no attempt; three that could not otherwise do', async () => {
  let ports = openSqlite(sqliteOptions(dir))
  let scene = new Scene(ports)
  await scene.queue()
  for (let restarts = 0; restarts < 4; restarts += 1) {
    const seeItEnd = await failToStart(scene)
    ports.close()
    const now = scene.pass(secondMs)
    ports = openSqlite({ ...sqliteOptions(dir), now })
    scene = new Scene(ports)
    scene.now = now
    expect(await seeItEnd(scene)).toMatchObject({ status: 'queued', attempt: restarts + 1 })
  }
  const statuses = []
  for (let count = 0; count < 3; count += 1) statuses.push((await (await failToStart(scene))(scene)).status)
  expect(statuses).toEqual(['queued', 'queued', 'lost'])
  ports.close()
})
