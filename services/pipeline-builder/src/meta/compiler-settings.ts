import type { ToolchainFiles } from './toolchain.ts'

export interface CompilerWish {
  readonly workspace: string
  /** The repository's own tsconfig.json beside pipeline.ts, if it has one. */
  readonly own: string | undefined
  readonly toolchain: ToolchainFiles
  readonly files: readonly string[]
}

/**
 * The compiler's settings for a pipeline's code: strict, with `@baton/pipeline` from the toolchain. The repository's own
 * settings are the ground; what would write files, look elsewhere or be laxer is overruled.
 */
export function compilerSettings({ own, toolchain, files }: CompilerWish): object {
  const ground = own === undefined ? { target: 'ES2023', lib: ['ES2023'] } : {}
  return {
    ...(own === undefined ? {} : { extends: own }),
    compilerOptions: {
      ...ground,
      module: 'ESNext',
      moduleResolution: 'Bundler',
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      composite: false,
      incremental: false,
      ...Object.fromEntries(
        ['rootDir', 'outDir', 'outFile', 'declarationDir', 'tsBuildInfoFile', 'baseUrl'].map((key) => [key, null]),
      ),
      types: ['node'],
      typeRoots: [toolchain.typeRoots],
      paths: { '@baton/pipeline': [toolchain.types] },
    },
    files,
    include: [],
    exclude: [],
    references: [],
  }
}
