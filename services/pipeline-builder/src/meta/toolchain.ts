import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a meta-build finds in its sandbox, unpacked from the release's toolchain.tgz. */
export interface ToolchainFiles {
  readonly dir: string
  /** The library and the process in one file, compiled: what `@baton/pipeline` is in a bundle. */
  readonly engine: string
  /** The library as a plain module, for the tests of a pipeline. */
  readonly library: string
  /** Declarations of `@baton/pipeline`, for the compiler. */
  readonly types: string
  /** Folder of @types/node. */
  readonly typeRoots: string
  /** TypeScript's command. */
  readonly tsc: string
  /** esbuild as a module. */
  readonly esbuild: string
}

/** Where each file of the toolchain lies below `dir`. The release packs these, the meta-pipeline uses them. */
export function toolchainFiles(dir: string): ToolchainFiles {
  return {
    dir,
    engine: join(dir, 'engine.cjs'),
    library: join(dir, 'library.mjs'),
    types: join(dir, 'types/index.d.ts'),
    typeRoots: join(dir, 'node_modules/@types'),
    tsc: join(dir, 'node_modules/typescript/lib/tsc.js'),
    esbuild: join(dir, 'node_modules/esbuild/lib/main.js'),
  }
}

/** The toolchain beside the workspace. @throws if this is not the sandbox of a meta-build */
export function findToolchain(workspace: string): ToolchainFiles {
  const files = toolchainFiles(resolve(workspace, '../toolchain'))
  const missing = Object.values(files).find((path) => !existsSync(path))
  if (missing === undefined) return files
  throw new Error(`the toolchain has no ${missing}: this pipeline only runs where the Builder started it`)
}

/** Loads esbuild as the toolchain has it. */
export async function loadEsbuild({ esbuild }: ToolchainFiles): Promise<typeof import('esbuild')> {
  const loaded = (await import(pathToFileURL(esbuild).href)) as { default?: typeof import('esbuild') }
  return loaded.default ?? (loaded as unknown as typeof import('esbuild'))
}
