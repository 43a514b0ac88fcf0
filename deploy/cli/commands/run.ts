import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { bundlePipeline, rootOf, typeCheck } from '@baton/pipeline-process'
import { bundleOf } from '../../bin/bundle.mjs'
import { checkout } from '../../checkout.ts'
import { errors } from '../../errors.ts'
import { digestOfBytes } from '../../release/digest.ts'
import { findLibraryTypes } from '../../release/library-types.ts'
import type { Call } from '../command.ts'
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
  const entryFile = resolve(call.cwd, file ?? 'pipeline.ts')
  if (!existsSync(entryFile)) throw errors.FILE_MISSING({ file: relative(call.cwd, entryFile) })
  const folder = mkdtempSync(join(tmpdir(), 'baton-run-'))
  try {
    // Side by side. What the compiler says comes first, as in a meta-build.
    const [checked, bundled] = await Promise.allSettled([
      flags.check ? check(call, entryFile) : undefined,
      bundle(entryFile, folder),
    ])
    if (checked.status === 'rejected') throw checked.reason
    if (bundled.status === 'rejected') throw bundled.reason
    const args = [
      ...(call.terminal.isJson ? ['--json'] : []),
      flags.keep ? '--keep' : `--output=${join(folder, 'output')}`,
    ]
    return await runChild(process.execPath, [bundled.value, ...args], call.cwd, call.env)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function bundle(entryFile: string, outDir: string): Promise<string> {
  const engineFile = await bundleOf(join(checkout, 'services/pipeline/src/engine.ts'), { packages: 'bundle' })
  const esbuild = await import('esbuild')
  const file = await bundlePipeline({ entryFile, engineFile, outDir, esbuild })
  await esbuild.stop()
  return file
}

async function check(call: Call, entryFile: string): Promise<void> {
  const packages = join(checkout, 'node_modules')
  const cache = join(packages, '.cache/baton')
  await typeCheck({
    root: rootOf(entryFile),
    entryFile,
    toolchain: {
      tsc: join(packages, 'typescript/lib/tsc.js'),
      typeRoots: join(packages, '@types'),
      types: await findLibraryTypes(checkout, join(cache, 'types')),
    },
    memory: join(cache, 'checked', digestOfBytes(entryFile).slice(0, 16)),
    log: call.terminal.tell,
  })
}
