import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findFolderSize, readFolderSize } from './folder-size.ts'
import { readCpuSeconds, readMemoryBytes } from './processes.ts'
import { startUsage } from './usage.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'baton-usage-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const mb = 1024 * 1024

test('counts what its steps took, not only what it took itself', async () => {
  const before = readCpuSeconds()
  execFileSync(process.execPath, ['-e', 'const end = Date.now() + 400; while (Date.now() < end);'])
  expect(readCpuSeconds() - before).toBeGreaterThan(0.1)

  const own = readMemoryBytes()
  const code = 'const b = Buffer.alloc(150e6, 1); process.stdout.write("up"); setInterval(() => b, 1000)'
  const child = spawn('/bin/sh', ['-c', `"$0" -e '${code}'; true`, process.execPath])
  await once(child.stdout, 'data')
  expect(readMemoryBytes() - own).toBeGreaterThan(100 * mb)
  execFileSync('/bin/sh', ['-c', `kill -9 $(cat /proc/${child.pid}/task/${child.pid}/children)`])
  await once(child, 'exit')
})

test('tells of a build what it took, and what it had asked for', async () => {
  writeFileSync(join(dir, 'artifact'), Buffer.alloc(3 * mb, 1))
  const env = { MARATHON_APP_RESOURCE_CPUS: '0.5', MARATHON_APP_RESOURCE_MEM: '512.0' }
  const usage = startUsage(dir, env)()
  expect(usage.asked).toEqual({ cpus: 0.5, memMb: 512, diskMb: 0 })
  expect(usage.memoryMaxBytes).toBeGreaterThan(10 * mb)
  expect(usage.diskBytes).toBeGreaterThanOrEqual(3 * mb)
})

test('remembers a peak that is over', async () => {
  vi.useFakeTimers()
  const end = startUsage(dir, {})
  const large = Buffer.alloc(200 * mb, 1)
  vi.advanceTimersByTime(1_000)
  const peak = large.length
  vi.useRealTimers()
  expect(end().memoryMaxBytes).toBeGreaterThan(peak)
})

test('a folder that is too large to be looked at in time has no size, and is not waited for', async () => {
  for (let at = 0; at < 300; at += 1) writeFileSync(join(dir, `${at}`), 'x')
  expect(findFolderSize(dir, -1)).toBeUndefined()
  expect(findFolderSize(dir, 10_000)).toBe(await readFolderSize(dir))
  expect(findFolderSize(join(dir, 'none'), 10_000)).toBeUndefined()
})
