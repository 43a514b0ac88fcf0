import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimFolder } from './claim-folder.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'baton-claim-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a process has one folder, however often it asks', () => {
  expect(claimFolder(dir)).toBe(claimFolder(dir))
  expect(readdirSync(dir)).toHaveLength(1)
})

test('the folder of a dead process is taken over, with what is in it', () => {
  const dead = join(dir, `${hostname()}@${process.pid}-1`)
  mkdirSync(dead)
  writeFileSync(join(dead, 'mirror'), 'x')
  const mine = claimFolder(dir)
  expect(readdirSync(mine)).toEqual(['mirror'])
  expect(readdirSync(dir)).toEqual([basename(mine)])
})

test('the folder of a living process, or of another machine, is left alone', () => {
  const living = basename(claimFolder(join(dir, 'other')))
  mkdirSync(join(dir, 'mine', living.replace(/@.*/, `@${process.ppid}-0`)), { recursive: true })
  mkdirSync(join(dir, 'mine', 'elsewhere@1-1'))
  mkdirSync(join(dir, 'mine', 'notes'))
  claimFolder(join(dir, 'mine'))
  expect(readdirSync(join(dir, 'mine'))).toEqual(expect.arrayContaining(['elsewhere@1-1', 'notes']))
})
