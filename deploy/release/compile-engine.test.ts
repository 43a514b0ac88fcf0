import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compileEngine } from './compile-engine.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'baton-compile-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function compiled(name: string): Promise<string> {
  const file = join(dir, name)
  writeFileSync(file, "module.exports.hello = (name) => `hello ${name} of ${require('node:path').basename('/a/b')}`\n")
  await compileEngine(file)
  return file
}

/** Loads a compiled file in a Node of its own, and says what it exports and whether V8 passed its form over. */
function load(file: string): unknown {
  const watched = `
    const vm = require('node:vm')
    const Script = vm.Script
    let rejected
    vm.Script = class extends Script { constructor(...all) { super(...all); rejected = this.cachedDataRejected } }
    const { hello } = require(process.argv[1])
    console.log(JSON.stringify({ says: hello('you'), rejected }))`
  return JSON.parse(execFileSync(process.execPath, ['-e', watched, file], { env: {} }).toString())
}

test('a compiled file does what it did, and V8 takes its form', async () => {
  expect(load(await compiled('a.cjs'))).toEqual({ says: 'hello you of b', rejected: false })
})

test('one that V8 cannot take is compiled as always', async () => {
  const file = await compiled('a.cjs')
  writeFileSync(file, readFileSync(file, 'utf8').replace('gunzipSync(Buffer', "gzipSync('of another V8' && Buffer"))
  expect(load(file)).toEqual({ says: 'hello you of b', rejected: true })
})

test('the same source gives the same bytes, wherever it lies', async () => {
  const [first, second] = [await compiled('a.cjs'), await compiled('another-name.cjs')]
  expect(readFileSync(second).equals(readFileSync(first))).toBe(true)
})
