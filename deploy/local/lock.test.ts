import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tempDir } from '../testing/temp-dir.ts'
import { findHolder, isStopping, markStopping, takeLock } from './lock.ts'
import { findProcess } from './process.ts'

const ownMark = () => findProcess(process.pid)

describe('the lock of a data folder', () => {
  test('is held by one, and free again after its release', () => {
    const dir = tempDir()
    const taken = takeLock(dir)
    if (!('lock' in taken)) throw new Error('the lock of an empty folder was not given')

    expect(takeLock(dir)).toEqual({ holder: ownMark() })
    expect(findHolder(dir)).toEqual(ownMark())

    taken.lock.release()
    expect(findHolder(dir)).toBeUndefined()
    expect('lock' in takeLock(dir)).toBe(true)
  })

  test('tells whether its holder is about to let go; what an earlier holder said does not count', () => {
    const dir = tempDir()
    const me = ownMark()
    if (me === undefined) throw new Error('this process does not find itself')
    expect(isStopping(dir, me)).toBe(false)
    markStopping(dir)
    expect(isStopping(dir, me)).toBe(true)
    expect(isStopping(dir, { ...me, startTicks: '1' })).toBe(false)
  })

  test('of a dead process is taken over', async () => {
    const dir = tempDir()
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    const mark = findProcess(child.pid ?? 0)
    writeFileSync(join(dir, 'lock.7'), JSON.stringify(mark))
    expect(takeLock(dir)).toEqual({ holder: mark })

    child.kill('SIGKILL')
    await once(child, 'exit')

    expect('lock' in takeLock(dir)).toBe(true)
    expect(readdirSync(dir)).toEqual(['lock.8'])
  })

  test('of a process whose number was given to another one counts for nothing', () => {
    const dir = tempDir()
    writeFileSync(join(dir, 'lock.1'), JSON.stringify({ pid: process.pid, startTicks: '1' }))

    expect('lock' in takeLock(dir)).toBe(true)
  })

  test('that is torn counts for nothing', () => {
    const dir = tempDir()
    writeFileSync(join(dir, 'lock.3'), '{"pid":')

    expect('lock' in takeLock(dir)).toBe(true)
  })
})
