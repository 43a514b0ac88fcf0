import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findProcess, isAlive, type ProcessMark } from './process.ts'
import { writeOnce, writeWhole } from './write-whole.ts'

/** The right to be the supervisor of a data folder. */
export interface Lock {
  release(): void
}

const namePattern = /^lock\.(\d{1,9})$/

/** The supervisor that holds `dir`, if one is alive. */
export function findHolder(dir: string): ProcessMark | undefined {
  const newest = listLocks(dir).at(-1)
  const mark = newest === undefined ? undefined : readMark(dir, newest)
  return mark !== undefined && isAlive(mark) ? mark : undefined
}

/**
 * Takes `dir` for this process, or answers who holds it. A lock left by a dead process is taken over: each take is a
 * new number, made by exclusive creation, so of many that find the same dead holder one gets the next number.
 */
export function takeLock(dir: string, triesMax = 20): { lock: Lock } | { holder: ProcessMark } {
  const holder = findHolder(dir)
  if (holder !== undefined) return { holder }
  const number = (listLocks(dir).at(-1) ?? 0) + 1
  const me = findProcess(process.pid)
  if (me === undefined) throw new Error('this process does not find itself under /proc')
  const file = fileOf(dir, number)
  const mine = writeOnce(file, JSON.stringify(me))
  // Somebody who listed earlier may have gone past this number meanwhile and removed it: the highest one counts.
  const highest = listLocks(dir).at(-1) ?? number
  if (!mine || highest !== number) {
    if (mine) rmSync(file, { force: true })
    if (triesMax <= 1) throw new Error(`the lock of ${dir} changed hands too often`)
    return takeLock(dir, triesMax - 1)
  }
  for (const old of listLocks(dir)) if (old < number) rmSync(fileOf(dir, old), { force: true })
  return { lock: { release: () => rmSync(file, { force: true }) } }
}

const stoppingFile = (dir: string): string => join(dir, 'stopping')

/** The holder of `dir`, this process, tells that it is about to let go: nobody should join it any more. */
export function markStopping(dir: string): void {
  writeWhole(stoppingFile(dir), JSON.stringify(findProcess(process.pid)))
}

/** Whether `holder` said that it is about to let go. */
export function isStopping(dir: string, holder: ProcessMark): boolean {
  const mark = readMarkFile(stoppingFile(dir))
  return mark?.pid === holder.pid && mark.startTicks === holder.startTicks
}

const fileOf = (dir: string, number: number): string => join(dir, `lock.${number}`)

function listLocks(dir: string): number[] {
  const numbers = readdirSync(dir).map((name) => Number(namePattern.exec(name)?.[1] ?? Number.NaN))
  return numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b)
}

const readMark = (dir: string, number: number): ProcessMark | undefined => readMarkFile(fileOf(dir, number))

function readMarkFile(file: string): ProcessMark | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessMark
  } catch {
    return undefined
  }
}
