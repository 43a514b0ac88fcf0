import { statfsSync } from 'node:fs'

export interface DiskSpace {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** The space of the disk that this process works on, as far as this account may use it; `undefined` where none can be told. */
export function findDiskSpace(path: string = process.cwd()): DiskSpace | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(path)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return undefined
  }
}
