import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { isBatonError } from '@baton/model'
import type * as esbuild from 'esbuild'
import { errors } from '../errors.ts'
import { fenceImports } from './fence-imports.ts'

/** The part of esbuild that is used. It is given, never imported: the engine must not drag it along. */
export type Esbuild = Pick<typeof esbuild, 'build' | 'formatMessages'>

export interface BundleOptions {
  /** The pipeline's file: pipeline.ts, or pipelines/<name>.ts. */
  readonly entryFile: string
  /** engine.mjs: the library and the process in one file. */
  readonly engineFile: string
  readonly outFile: string
  readonly esbuild: Esbuild
  /** The repository's root. Default: the folder of the entry, or the one above `pipelines/`. */
  readonly root?: string
}

/**
 * Makes one self-contained file of a pipeline: its own code, what it imports, and the engine. Started by Marathon it
 * runs an attempt, started by a person it runs right there. The user's code is loaded only when `main` wants it.
 * @throws IMPORT_OUTSIDE_PIPELINE, IMPORT_MISSING, BUNDLE_FAILED with esbuild's messages
 */
export async function bundlePipeline(options: BundleOptions): Promise<void> {
  const entryFile = realpathSync(resolve(options.entryFile))
  const root = realpathSync(options.root ?? rootOf(entryFile))
  const engineFile = realpathSync(options.engineFile)
  const code = await bundle(options.esbuild, {
    stdin: {
      contents: entryCode(relative(root, entryFile).split(sep).join('/')),
      resolveDir: root,
      sourcefile: 'entry.ts',
      loader: 'ts',
    },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    write: false,
    logLevel: 'silent',
    // For the places that errors name. Without the sources themselves, which say nothing that the repository does not.
    sourcemap: 'inline',
    sourcesContent: false,
    legalComments: 'none',
    plugins: [fenceImports({ root, engineFile, entryFile })],
  })
  mkdirSync(dirname(options.outFile), { recursive: true })
  writeFileSync(options.outFile, withRequire(code))
}

/** The repository that a pipeline's file belongs to: its folder, or the one above `pipelines/`. */
export function rootOf(entryFile: string): string {
  const folder = dirname(entryFile)
  return basename(folder) === 'pipelines' ? dirname(folder) : folder
}

/** A dynamic import: so the file is evaluated after the claim, and not at all by a process that has no right to run. */
const entryCode = (name: string): string =>
  `import { main } from '@baton/pipeline'\nawait main(() => import(${JSON.stringify(`./${name}`)}), ${JSON.stringify(name)})\n`

async function bundle(tool: Esbuild, options: esbuild.BuildOptions): Promise<string> {
  try {
    const { outputFiles } = await tool.build(options)
    return outputFiles?.[0]?.text ?? ''
  } catch (error) {
    const failures = (error as Partial<esbuild.BuildFailure>).errors ?? []
    const fenced = failures.map((failure) => failure.detail).find((detail) => isBatonError(detail))
    if (fenced !== undefined) throw fenced
    if (failures.length === 0) throw error
    const missing = failures.find(({ text }) => missingImport.test(text))
    if (missing !== undefined)
      throw errors.IMPORT_MISSING({ place: placeOf(missing), import: importOf(missing) }, error)
    const lines = await tool.formatMessages(failures, { kind: 'error', color: false })
    throw errors.BUNDLE_FAILED({ message: lines.join('').trim() }, error)
  }
}

/** How esbuild says that an import leads nowhere. */
const missingImport = /^Could not resolve "([^"]*)"/

const importOf = ({ text }: esbuild.Message): string => missingImport.exec(text)?.[1] ?? text

const placeOf = ({ location }: esbuild.Message): string =>
  location === null ? 'the pipeline' : `${location.file}:${location.line}:${location.column + 1}`

/** CommonJS packages call `require`, which an ES module does not have. Given only when something calls it. */
function withRequire(code: string): string {
  if (!code.includes('Dynamic require of')) return code
  // On the first line, so that the places in the map stay right.
  return `import { createRequire as __batonRequire } from 'node:module'; const require = __batonRequire(import.meta.url); ${code}`
}
