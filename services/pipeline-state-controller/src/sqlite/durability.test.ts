import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLife, snapshot } from '../testing/life.ts'
import { sqliteOptions } from '../testing/open-memory.ts'
import { secondMs } from '../testing/samples.ts'
import { Scene } from '../testing/stage.ts'
import { openSqlite } from './open-store.ts'

const require = createRequire(import.meta.url)
let dir = ''
const children: ChildProcess[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'baton-durability-'))
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
  await build({
    entryPoints: [join(import.meta.dirname, '../testing/store-process.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile: join(dir, 'store-process.mjs'),
    banner: { js: banner },
    logLevel: 'silent',
    // Native code cannot be bundled: it is taken from where it is installed.
    plugins: [
      {
        name: 'libsql',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^libsql$/ }, () => ({
            path: pathToFileURL(require.resolve('libsql')).href,
            external: true,
          })),
      },
    ],
  })
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Starts a process on the store in `dataDir`, which says numbers. */
function start(what: 'life' | 'print' | 'hold', dataDir: string, crashDir = '') {
  const child = spawn(process.execPath, [join(dir, 'store-process.mjs'), what, dataDir], {
    env: { PATH: process.env['PATH'] ?? '', ...(crashDir && { BATON_CRASH_DIR: crashDir }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const said: number[] = []
  let complaints = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    complaints += bytes
  })
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => void said.push(Number(line)))
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? code))
  })
  return { child, said, ended, complaints: () => complaints }
}

/** What is seen in the store of a folder, at a moment. */
async function see(dataDir: string, now: Date): Promise<object> {
  const ports = openSqlite(sqliteOptions(dataDir))
  try {
    return await snapshot(ports, now)
  } finally {
    ports.close()
  }
}

/** How the store looks before, and after, each command of a life without crashes. */
async function liveThrough(): Promise<{ command: string; now: Date; seen: object }[]> {
  const ports = openSqlite(sqliteOptions(':memory:'))
  const scene = new Scene(ports)
  const moments = [{ command: '', now: scene.now, seen: await snapshot(ports, scene.now) }]
  for (const [command, send] of createLife()) {
    scene.pass(secondMs)
    await send(scene)
    moments.push({ command, now: scene.now, seen: await snapshot(ports, scene.now) })
  }
  ports.close()
  return moments
}

/** Those whose loss somebody would notice. All commands go through the same door, so the others are no different. */
const commands = ['register', 'deliver', 'resolve', 'take', 'claim', 'publish', 'events', 'output', 'result', 'kill']

describe('killed at a crash point, everything that was acknowledged is there', () => {
  let moments: Awaited<ReturnType<typeof liveThrough>> = []
  beforeAll(async () => {
    moments = await liveThrough()
  })

  test.each(commands)('%s: before the commit nothing of it, after the commit all of it', async (command) => {
    const at = moments.findIndex((moment) => moment.command === command)
    await Promise.all(
      (['before', 'after'] as const).map(async (when) => {
        const dataDir = join(dir, `${command}-${when}`)
        const crashDir = join(dataDir, 'crash')
        mkdirSync(crashDir, { recursive: true })
        writeFileSync(join(crashDir, `${command}.${when}-commit`), '')
        const { said, ended, complaints } = start('life', dataDir, crashDir)
        expect(await ended, complaints()).toBe('SIGKILL')
        // Moments begin with the empty store, and commands are counted from 0.
        expect(said.at(-1) ?? -1).toBe(at - 2)
        const wanted = moments[when === 'after' ? at : at - 1]
        expect(await see(dataDir, wanted?.now ?? new Date(0))).toEqual(wanted?.seen)
        rmSync(dataDir, { recursive: true })
      }),
    )
  })

  test('without a crash the whole life is there', async () => {
    const dataDir = join(dir, 'whole')
    const { said, ended, complaints } = start('life', dataDir)
    expect(await ended, complaints()).toBe(0)
    expect(said).toHaveLength(moments.length - 1)
    const last = moments.at(-1)
    expect(await see(dataDir, last?.now ?? new Date(0))).toEqual(last?.seen)
  })
})

test('killed at any moment, every byte that was acknowledged is there, and it opens at once', async () => {
  const dataDir = join(dir, 'printed')
  const { child, said, ended } = start('print', dataDir)
  await expect.poll(() => said.length, { timeout: 20_000 }).toBeGreaterThan(200)
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  const ports = openSqlite(sqliteOptions(dataDir))
  const range = { offset: 0, limitBytes: 10_000_000 }
  const { bytes, total } = await ports.outputs.read({ pipeline: 'todo', number: 1 }, '1', range)
  ports.close()
  expect(total).toBeGreaterThanOrEqual(said.at(-1) ?? Number.POSITIVE_INFINITY)
  expect(bytes.length).toBe(total)
  const lines = bytes.toString().split('\n')
  expect(lines.pop()).toBe('')
  expect(lines).toEqual(lines.map((_, n) => `line ${n}`))
})

test('while another process has it, it is refused; when that is killed, it is free', async () => {
  const dataDir = join(dir, 'held')
  const { child, said, ended } = start('hold', dataDir)
  await expect.poll(() => said, { timeout: 20_000 }).toEqual([0])
  expect(() => openSqlite(sqliteOptions(dataDir))).toThrow(expect.objectContaining({ code: 'DATABASE_LOCKED' }))
  child.kill('SIGKILL')
  await ended
  openSqlite(sqliteOptions(dataDir)).close()
})
