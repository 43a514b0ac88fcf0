import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The output files of the steps, and how much of each the controller has. */
export interface Outputs {
  pathOf(step: string): string
  /** From now on the file of this step is sent. */
  track(step: string): void
  /** Those that may still have something to send. */
  list(): readonly string[]
  /** The step is over: once all of its file is sent, nobody looks at it any more. */
  settle(step: string): void
  /** Bytes that are there and not sent yet. */
  waiting(step: string): number
  isWhole(step: string): boolean
  /** The next bytes to send. */
  read(step: string): { offset: number; bytes: Buffer }
  /** The controller has everything up to `offset`, as far as that is there. */
  sentUpTo(step: string, offset: number): void
  /** Bytes of each step's output, as they are now. */
  sizes(): Record<string, number>
}

/** Largest piece in one request, in bytes. */
const pieceBytesMax = 4 * 1024 * 1024

export function createOutputs(folder: string): Outputs {
  const sent = new Map<string, number>()
  const open = new Set<string>()
  const pathOf = (step: string): string => join(folder, `${step}.log`)
  const sizeOf = (step: string): number => statSync(pathOf(step), { throwIfNoEntry: false })?.size ?? 0
  const waiting = (step: string): number => sizeOf(step) - (sent.get(step) ?? 0)

  function read(step: string): { offset: number; bytes: Buffer } {
    const offset = sent.get(step) ?? 0
    const bytes = Buffer.allocUnsafe(Math.min(pieceBytesMax, Math.max(0, waiting(step))))
    const fd = openSync(pathOf(step), 'r')
    try {
      return { offset, bytes: bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset)) }
    } finally {
      closeSync(fd)
    }
  }
  return {
    pathOf,
    track(step) {
      open.add(step)
      if (!sent.has(step)) sent.set(step, 0)
    },
    list: () => [...open],
    settle: (step) => void (waiting(step) <= 0 && open.delete(step)),
    waiting,
    isWhole: (step) => !open.has(step) || waiting(step) <= 0,
    read,
    sentUpTo(step, offset) {
      open.add(step)
      sent.set(step, Math.max(0, Math.min(offset, sizeOf(step))))
    },
    sizes() {
      const sizes = [...sent.keys()].map((step) => [step, sizeOf(step)] as const)
      return Object.fromEntries(sizes.filter(([, bytes]) => bytes > 0))
    },
  }
}
