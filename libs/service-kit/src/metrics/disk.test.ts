import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'vitest'
import { findDiskSpace } from './disk.ts'

test('a disk tells its space', () => {
  const space = findDiskSpace(tmpdir())
  assert.ok(space !== undefined && space.totalBytes >= space.freeBytes && space.totalBytes > 0)
})

test('a path that is not there has none', () => {
  assert.equal(findDiskSpace('/nowhere/at/all'), undefined)
})
