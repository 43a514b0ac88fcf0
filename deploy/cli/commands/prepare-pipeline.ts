import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { bundlePipeline, rootOf, typeCheck } from '@baton/pipeline-process'
import { bundleOf } from '../../bin/bundle.mjs'
import { checkout } from '../../checkout.ts'
import { errors } from '../../errors.ts'
import { digestOfBytes } from '../../release/digest.ts'
import { findLibraryTypes } from '../../release/library-types.ts'
import type { Call } from '../command.ts'

/**
 * Type-checks and bundles a pipeline of this folder, as a meta-build does. @returns the bundle, in `outDir`
 * @throws FILE_MISSING, and what the compiler or the bundling complains of
 */
export async function preparePipeline(
  call: Call,
  file: string | undefined,
  outDir: string,
  isChecked: boolean,
): Promise<string> {
  const entryFile = resolve(call.cwd, file ?? 'pipeline.ts')
  if (!existsSync(entryFile)) throw errors.FILE_MISSING({ file: relative(call.cwd, entryFile) })
  // Side by side. What the compiler says comes first, as in a meta-build.
  const [checked, bundled] = await Promise.allSettled([
    isChecked ? check(call, entryFile) : undefined,
    bundle(entryFile, outDir),
  ])
  if (checked.status === 'rejected') throw checked.reason
  if (bundled.status === 'rejected') throw bundled.reason
  return bundled.value
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
