import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from '../command.ts'
import { preparePipeline } from './prepare-pipeline.ts'
import { runChild } from './run-child.ts'

export interface RunFlags {
  /** Whether the compiler is asked first. */
  readonly check: boolean
  /** Whether the output stays in a folder afterwards. */
  readonly keep?: boolean
}

/**
 * Runs a pipeline here and now, on the files as they lie here: checked and bundled as production does it, with the same
 * engine. @returns 0 if it is green, 1 if not
 */
export async function runPipeline(call: Call, file: string | undefined, flags: RunFlags): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-run-'))
  try {
    const bundle = await preparePipeline(call, file, folder, flags.check)
    const args = [
      ...(call.terminal.isJson ? ['--json'] : []),
      flags.keep ? '--keep' : `--output=${join(folder, 'output')}`,
    ]
    return await runChild(process.execPath, [bundle, ...args], call.cwd, call.env)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
