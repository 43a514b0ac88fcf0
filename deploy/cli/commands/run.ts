import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { bundlePipeline } from '@baton/pipeline-process'
import { bundleOf } from '../../bin/bundle.mjs'
import { checkout } from '../../checkout.ts'
import { errors } from '../../errors.ts'
import type { Call } from '../command.ts'
import { runChild } from './run-child.ts'

/**
 * Runs a pipeline here and now, on the files as they lie here: bundled as production does it, with the same engine.
 * @returns 0 if it is green, 1 if not
 */
export async function runPipeline(call: Call, file: string | undefined): Promise<number> {
  const entryFile = resolve(call.cwd, file ?? 'pipeline.ts')
  if (!existsSync(entryFile)) throw errors.FILE_MISSING({ file: relative(call.cwd, entryFile) })
  const engineFile = await bundleOf(join(checkout, 'services/pipeline/src/engine.ts'), { packages: 'bundle' })
  const folder = mkdtempSync(join(tmpdir(), 'baton-run-'))
  try {
    const outFile = join(folder, 'pipeline.mjs')
    const esbuild = await import('esbuild')
    await bundlePipeline({ entryFile, engineFile, outFile, esbuild })
    await esbuild.stop()
    const args = call.terminal.isJson ? [outFile, '--json'] : [outFile]
    return await runChild(process.execPath, args, call.cwd, call.env)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
