import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runScript } from './floor-script.ts'

export interface Written {
  readonly bytes: number
  readonly sha256: string
  readonly mbPerSecond: number
}

/** The same command, its output into a file: how fast that is, and what it has to be. */
export async function writeOutput(command: string, dir: string): Promise<Written> {
  const file = join(dir, 'output')
  const { wholeMs } = await runScript(`{ ${command}; } > "$1"`, [file], dir)
  const { size: bytes } = await stat(file)
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  await rm(file)
  return { bytes, sha256: hash.digest('hex'), mbPerSecond: bytes / 1000 / wholeMs }
}
