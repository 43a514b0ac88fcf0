import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeCgroupRoot } from './cgroup-root.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'baton-cgroup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What the kernel says of a process, with `folder/fs` in the place of /sys/fs/cgroup. */
function process(membership: string, mount: string): string {
  const dir = join(folder, 'self')
  mkdirSync(dir)
  writeFileSync(join(dir, 'cgroup'), `${membership}\n`)
  writeFileSync(join(dir, 'mountinfo'), `30 23 0:26 ${mount}\n`)
  return dir
}

test('without control groups it says so', () => {
  expect(makeCgroupRoot('x', join(folder, 'nothing'))).toEqual({ problem: 'no control groups are mounted' })
})

test('a group that limits nothing is not used, and not left behind', () => {
  const fs = join(folder, 'fs')
  mkdirSync(join(fs, 'mine'), { recursive: true })
  const self = process('4:memory:/mine', `/ ${fs} rw - cgroup cgroup rw,memory`)
  expect(makeCgroupRoot('x', self)).toMatchObject({ problem: expect.stringContaining('memory.limit_in_bytes') })
  expect(readdirSync(join(fs, 'mine'))).toEqual([])
})

test('version 2: the group stands beside this process, and hands the memory controller down', () => {
  const fs = join(folder, 'fs')
  // Below this process it cannot be made: a group with processes hands nothing down.
  mkdirSync(join(fs, 'app.slice/session'), { recursive: true })
  writeFileSync(join(fs, 'app.slice/cgroup.subtree_control'), 'cpu memory pids')
  mkdirSync(join(fs, 'app.slice/x'))
  writeFileSync(join(fs, 'app.slice/x/cgroup.subtree_control'), '')
  const self = process('0::/user/app.slice/session', `/user ${fs} rw - cgroup2 cgroup2 rw`)
  // A plain folder has no memory.max, so in the end it says what was missing; what it wrote on the way is what counts.
  expect(makeCgroupRoot('x', self)).toMatchObject({ problem: expect.any(String) })
  expect(readFileSync(join(fs, 'app.slice/x/cgroup.subtree_control'), 'utf8')).toBe('+memory')
})
