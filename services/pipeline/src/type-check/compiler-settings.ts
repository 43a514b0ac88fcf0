import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a pipeline's code is checked against. */
export interface Declarations {
  /** Those of `@baton/pipeline`: its index.d.ts. */
  readonly types: string
  /** Folder of @types/node. */
  readonly typeRoots: string
}

export interface CompilerWish {
  /** The repository's own tsconfig.json beside pipeline.ts, if it is to be the ground. */
  readonly own: string | undefined
  readonly toolchain: Declarations
  readonly files: readonly string[]
}

/** What would write files or look elsewhere, and what TypeScript refuses beside `noEmit`. */
const none = [
  'rootDir',
  'rootDirs',
  'outDir',
  'outFile',
  'declarationDir',
  'tsBuildInfoFile',
  'baseUrl',
  'mapRoot',
  'sourceRoot',
]
const off = [
  'composite',
  'incremental',
  'declaration',
  'declarationMap',
  'emitDeclarationOnly',
  'isolatedDeclarations',
  'inlineSources',
  'inlineSourceMap',
  'sourceMap',
]

/**
 * The compiler's settings for a pipeline's code: strict, with `@baton/pipeline` from the toolchain. The repository's own
 * settings are the ground; what would write files, look elsewhere or be laxer is overruled.
 */
export function compilerSettings({ own, toolchain, files }: CompilerWish): object {
  return {
    ...(own === undefined ? {} : { extends: own }),
    compilerOptions: {
      ...(own === undefined ? { lib: ['ES2023'] } : {}),
      ...Object.fromEntries(none.map((name) => [name, null])),
      ...Object.fromEntries(off.map((name) => [name, false])),
      target: 'ES2023',
      module: 'ESNext',
      moduleResolution: 'Bundler',
      allowImportingTsExtensions: true,
      resolveJsonModule: true,
      strict: true,
      skipLibCheck: true,
      noEmit: true,
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

/** The repository's own compiler settings, if they can be used. */
export function findGround(root: string, log: (text: string) => void): string | undefined {
  const own = join(root, 'tsconfig.json')
  if (!existsSync(own)) return undefined
  const missing = findMissingGround(own)
  if (missing === undefined) return own
  log(`tsconfig.json is left aside: it extends ${missing}, which is not installed as the pipeline imports no packages`)
  return undefined
}

/**
 * What a tsconfig.json is built on and is not here: a package that nothing of the pipeline imports is not installed. Such
 * settings are the application's; the pipeline is then judged without them.
 */
function findMissingGround(own: string): string | undefined {
  const text = readFileSync(own, 'utf8')
  const told = /"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")/.exec(text)?.[1] ?? ''
  const names = [...told.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '')
  return names.find((name) => !/^[./]/.test(name) && !existsSync(join(dirname(own), 'node_modules', packageOf(name))))
}

const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
