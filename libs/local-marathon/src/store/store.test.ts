import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@baton/service-kit/log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.ts'
import { openStore } from './store.ts'

const log = createLog({ service: 'test', level: 'silent' })
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'baton-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('what was durable is there after opening again, what was removed is not', async () => {
  const store = await openStore(folder, log)
  store.set('app:/a', { n: 1 })
  store.set('app:/b', { n: 2 })
  await store.durable()
  store.set('app:/a', { n: 3 })
  store.set('app:/b', null)
  await store.durable()
  // No close: as after kill -9.
  const again = await openStore(folder, log)
  expect(again.list('app:')).toEqual([['app:/a', { n: 3 }]])
  await store.close()
  await again.close()
})

test('changes of one moment are one line: a torn one leaves out all of them', async () => {
  const store = await openStore(folder, log)
  store.set('app:/a', { n: 1 })
  await store.durable()
  store.set('app:/a', { n: 2 })
  store.set('deployment:1', {})
  await store.close()
  const path = join(folder, 'state.jsonl')
  const text = await readFile(path, 'utf8')
  const { writeFile } = await import('node:fs/promises')
  await writeFile(path, text.slice(0, -5))
  const torn = await openStore(folder, log)
  expect(torn.list('')).toEqual([['app:/a', { n: 1 }]])
  await torn.close()
})

test('garbage in the file is left out', async () => {
  await appendFile(join(folder, 'state.jsonl'), '\0\0\n[["app:/a",{"n":1}]]\n{"x":1}\n[[1,2]]\nnull\n')
  const store = await openStore(folder, log)
  expect(store.list('')).toEqual([['app:/a', { n: 1 }]])
  await store.close()
})

test('a record that changes several times in one moment is written once, as it is at its end', async () => {
  const store = await openStore(folder, log)
  const record = { n: 1, done: [] as string[] }
  for (const app of ['/a', '/b', '/c']) {
    record.done.push(app)
    store.set('deployment:1', record)
  }
  await store.durable()
  expect(await readFile(join(folder, 'state.jsonl'), 'utf8')).toBe(
    '[["deployment:1",{"n":1,"done":["/a","/b","/c"]}]]\n',
  )
  await store.close()
})

test('the file does not grow for ever', async () => {
  const store = await openStore(folder, log)
  const text = 'x'.repeat(100_000)
  for (let round = 0; round < 100; round++) {
    store.set('app:/a', { text, round })
    await store.durable()
  }
  await store.close()
  expect((await stat(join(folder, 'state.jsonl'))).size).toBeLessThan(5_000_000)
  const again = await openStore(folder, log)
  expect(again.list('app:')).toEqual([['app:/a', { text, round: 99 }]])
  await again.close()
})

test('a folder has one owner; the lock of a dead process counts for nothing', async () => {
  const lock = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'LOCAL_MARATHON_RUNNING' })
  await lock.release()
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(folder, 'lock'), `${process.pid} 1`)
  await (await lockFolder(folder)).release()
})
