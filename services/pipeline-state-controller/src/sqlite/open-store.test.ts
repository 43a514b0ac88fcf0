import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeys } from '../keys/keys.ts'
import { createLife, snapshot } from '../testing/life.ts'
import { installation, masterKey, sqliteOptions } from '../testing/open-memory.ts'
import { commitOf, keyFor, main, noon, secondMs } from '../testing/samples.ts'
import { Scene } from '../testing/stage.ts'
import { openDatabase } from './database.ts'
import { openSqlite } from './open-store.ts'
import { migrations } from './schema.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'baton-store-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const dataDir = () => join(dir, 'data')
const file = () => join(dataDir(), 'state.db')

test('the folder is made, for nobody else to read', () => {
  openSqlite(sqliteOptions(dataDir())).close()
  expect(statSync(dataDir()).mode & 0o777).toBe(0o700)
})

test('closed and opened again, everything is as it was, and goes on', async () => {
  const ports = openSqlite(sqliteOptions(dataDir()))
  const scene = new Scene(ports)
  for (const [, send] of createLife().slice(0, 30)) {
    scene.pass(secondMs)
    await send(scene)
  }
  const before = await snapshot(ports, scene.now)
  const secret = await ports.repositories.hookSecret('todo')
  ports.close()

  const again = openSqlite(sqliteOptions(dataDir()))
  expect(await snapshot(again, scene.now)).toEqual(before)
  expect(await again.repositories.hookSecret('todo')).toBe(secret)
  const newest = await again.events.newestId()
  expect((await again.builds.retrigger('todo', 1, 'Ann', scene.now)).number).toBe(2)
  expect(await again.events.newestId()).toBeGreaterThan(newest)
  again.close()
})

test('a second one in the same process is refused, and does no harm to the first', async () => {
  const first = openSqlite(sqliteOptions(dataDir()))
  expect(() => openSqlite(sqliteOptions(dataDir()))).toThrow(
    expect.objectContaining({ code: 'DATABASE_LOCKED', fields: { path: file() } }),
  )
  await new Scene(first).register()
  first.close()
  const second = openSqlite(sqliteOptions(dataDir()))
  expect(await second.repositories.list()).toHaveLength(1)
  second.close()
})

test.each([
  ['another installation', { installation: 'zzz999' }, 'INSTALLATION_DIFFERS'],
  ['another master key', { masterKey: 'cd'.repeat(32) }, 'MASTER_KEY_WRONG'],
])('%s is refused, and the right one still opens', (_what, wrong, code) => {
  openSqlite(sqliteOptions(dataDir())).close()
  const given = { installation, masterKey, ...wrong }
  const options = sqliteOptions(dataDir())
  const settings = { ...options.settings, installation: given.installation }
  const keys = createKeys(given.masterKey, given.installation)
  expect(() => openSqlite({ ...options, settings, keys })).toThrow(expect.objectContaining({ code }))
  openSqlite(options).close()
})

test('a database of a newer version is refused, and left as it is', () => {
  openSqlite(sqliteOptions(dataDir())).close()
  const db = openDatabase(file())
  db.exec(`PRAGMA user_version = ${migrations.length + 1}`)
  db.close()
  expect(() => openSqlite(sqliteOptions(dataDir()))).toThrow(expect.objectContaining({ code: 'DATABASE_NEWER' }))
  const after = openDatabase(file())
  expect(after.find('PRAGMA user_version')).toEqual({ user_version: migrations.length + 1 })
  after.close()
})

test('a database of an older version is brought up to date, and what was in it is there', async () => {
  openSqlite(sqliteOptions(dataDir())).close()
  rmSync(file())
  const db = openDatabase(file())
  db.exec(migrations[0] ?? '')
  db.exec('PRAGMA user_version = 1')
  db.run(
    `INSERT INTO repositories(slug, url, normal_url, refs, every, default_ref, hook_secret, registered_at, removed_at)
     VALUES ('todo', 'https://forge.example/shop/todo', 'x', '["refs/heads/*"]', 'head', ?, ?, 1, 2)`,
    main,
    Buffer.from('sealed'),
  )
  db.run(
    `INSERT INTO entries(repository, ref, era, hash, source, seen_at, state) VALUES ('todo', ?, 3, ?, 'hook', 1, 'skipped')`,
    main,
    commitOf(1),
  )
  db.close()
  const ports = openSqlite(sqliteOptions(dataDir()))
  const scene = new Scene(ports)
  expect(await scene.entries()).toMatchObject([{ era: 3 }])
  await scene.register()
  expect(await scene.entries()).toMatchObject([{ era: 3 }, { era: 4, commit: commitOf(1) }])
  ports.close()
})

test('what is no database is no lock either: it says what it is', () => {
  openSqlite(sqliteOptions(dataDir())).close()
  for (const name of readdirSync(dataDir())) rmSync(join(dataDir(), name))
  writeFileSync(file(), 'this is a text '.repeat(1_000))
  expect(() => openSqlite(sqliteOptions(dataDir()))).toThrow(/not a database/)
  expect(() => openSqlite(sqliteOptions(dataDir()))).not.toThrow(expect.objectContaining({ code: 'DATABASE_LOCKED' }))
})

describe('at rest', () => {
  test('no secret, token, ticket, nonce or key can be read from the files', async () => {
    const ports = openSqlite(sqliteOptions(dataDir()))
    const scene = new Scene(ports)
    const build = await scene.queue()
    await ports.secrets.set('todo', 'PASSWORD', 'correct-horse-battery', noon)
    const { placed, answer } = await scene.run('place-build', { nonce: 'nonce-of-the-process-0123456789' })
    const hidden = {
      secret: answer.secrets['PASSWORD'],
      hook: await ports.repositories.hookSecret('todo'),
      token: (await ports.tokens.add({ name: 'Ann', role: 'admin' }, noon)).token,
      link: await ports.tokens.makeLink('Ann', noon),
      session: await ports.tokens.useLink(await ports.tokens.makeLink('Ann', noon), noon),
      buildToken: answer.token,
      ticket: placed.ticket,
      bundleKey: placed.bundle.path.split('/').at(-2),
      nonce: 'nonce-of-the-process-0123456789',
      masterKey,
    }
    ports.builds.kill(build.pipeline, build.number, 'Ann', 'wrong', noon)
    const bytes = () => readdirSync(dataDir()).map((name) => readFileSync(join(dataDir(), name)))
    const whileOpen = Buffer.concat(bytes())
    ports.close()
    const all = Buffer.concat([whileOpen, ...bytes()])
    for (const [what, value] of Object.entries(hidden)) {
      expect(value?.length, what).toBeGreaterThan(15)
      expect(all.includes(value ?? ''), `${what} is in the files`).toBe(false)
      expect(all.includes(Buffer.from(value ?? '', 'hex')) && /^[0-9a-f]+$/.test(value ?? ''), what).toBe(false)
    }
    // What may be read is found, so what may not be would be found as well.
    for (const open of ['PASSWORD', 'https://forge.example/shop/todo.git', placed.appId, keyFor('todo')]) {
      expect(all.includes(open), open).toBe(true)
    }
  })
})
