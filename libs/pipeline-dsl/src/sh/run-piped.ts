import type { Readable } from 'node:stream'
import { errors } from '../errors.ts'
import type { ShResult } from '../run/context.ts'
import type { ShCommand } from './command.ts'
import { drain } from './drain.ts'
import { codeOf, type ShPlace, startCommand } from './run-command.ts'

/** Kept in memory of one command's stdout, in bytes. The step's file has all of it, however long. */
export const textBytesMax = 16 * 1024 * 1024

/** Runs a command for a step's function: its output goes into the step's file, and stdout is given back as text. */
export async function runPiped(place: ShPlace, command: ShCommand): Promise<ShResult> {
  const child = startCommand(place, command, ['ignore', 'pipe', 'pipe'])
  const kept = keepText(child.stdout)
  const [out, err] = [place.output.stream(), place.output.stream()]
  child.stdout?.on('data', out.write)
  child.stderr?.on('data', err.write)
  try {
    const code = await codeOf(child, command)
    await drain([child.stdout, child.stderr])
    return resultOf(code, kept)
  } finally {
    await drain([child.stdout, child.stderr])
    out.end()
    err.end()
  }
}

interface Kept {
  readonly chunks: Buffer[]
  bytes: number
}

function keepText(stdout: Readable | null): Kept {
  const kept: Kept = { chunks: [], bytes: 0 }
  stdout?.on('data', (chunk: Buffer) => {
    kept.bytes += chunk.length
    if (kept.bytes <= textBytesMax) kept.chunks.push(chunk)
    else kept.chunks.length = 0
  })
  return kept
}

function resultOf(code: number, kept: Kept): ShResult {
  return {
    code,
    get text() {
      if (kept.bytes > textBytesMax) throw errors.SH_TEXT_TOO_LONG({ max: textBytesMax })
      return Buffer.concat(kept.chunks).toString()
    },
  }
}
