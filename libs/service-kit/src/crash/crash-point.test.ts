import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { afterEach, beforeEach, test } from 'vitest'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kit-crash-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function passCrashPoint(env: Record<string, string>): { signal: string | null; stdout: string } {
  const source = readFileSync(new URL('./crash-point.ts', import.meta.url), 'utf8')
  const script = join(directory, 'script.mjs')
  const { code } = transformSync(`${source}\ncrashPoint('spawner.before-post')\nconsole.log('alive')`, { loader: 'ts' })
  writeFileSync(script, code)
  const { signal, stdout } = spawnSync(process.execPath, [script], { env, encoding: 'utf8', timeout: 20_000 })
  return { signal, stdout }
}

test('a crash point does nothing without BATON_CRASH_DIR or its file', () => {
  assert.deepEqual(passCrashPoint({}), { signal: null, stdout: 'alive\n' })
  writeFileSync(join(directory, 'spawner.after-post'), '')
  assert.deepEqual(passCrashPoint({ BATON_CRASH_DIR: directory }), { signal: null, stdout: 'alive\n' })
})

test('a crash point kills the process right there, once', () => {
  const file = join(directory, 'spawner.before-post')
  writeFileSync(file, '')
  assert.deepEqual(passCrashPoint({ BATON_CRASH_DIR: directory }), { signal: 'SIGKILL', stdout: '' })
  assert.equal(existsSync(file), false)
  assert.equal(passCrashPoint({ BATON_CRASH_DIR: directory }).stdout, 'alive\n')
})
