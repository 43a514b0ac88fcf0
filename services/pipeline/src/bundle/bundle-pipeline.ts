import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { isBatonError } from '@baton/model'
import type * as esbuild from 'esbuild'
import { errors } from '../errors.ts'
import { fenceImports } from './fence-imports.ts'
import { type Format, formats, needsModule } from './formats.ts'

/** The part of esbuild that is used. It is given, never imported: the engine must not drag it along. */
export type Esbuild = Pick<typeof esbuild, 'build' | 'formatMessages'>

export interface BundleOptions {
  /** The pipeline's file: pipeline.ts, or pipelines/<name>.ts. */
  readonly entryFile: string
  /** The library and the process in one file. */
  readonly engineFile: string
  /** Where the bundle is put, under the name that its format needs. */
  readonly outDir: string
  readonly esbuild: Esbuild
  /** The repository's root. Default: the folder of the entry, or the one above `pipelines/`. */
  readonly root?: string
}

/**
 * Makes one self-contained file of a pipeline: its own code, what it imports, and the engine. Started by Marathon it
 * runs an attempt, started by a person it runs right there. The user's code is loaded only when `main` wants it.
 * @returns its path: pipeline.cjs, or pipeline.mjs if the code waits at its top level
 * @throws IMPORT_OUTSIDE_PIPELINE, IMPORT_MISSING, BUNDLE_FAILED with esbuild's messages
 */
export async function bundlePipeline(options: BundleOptions): Promise<string> {
  const entryFile = realpathSync(resolve(options.entryFile))
  const root = realpathSync(options.root ?? rootOf(entryFile))
  const engineFile = realpathSync(options.engineFile)
  const { file, code } = await bundle(options.esbuild, {
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
    write: false,
    logLevel: 'silent',
    // For the places that errors name. Without the sources themselves, which say nothing that the repository does not.
    sourcemap: 'inline',
    sourcesContent: false,
    legalComments: 'none',
    plugins: [fenceImports({ root, engineFile, entryFile })],
  })
  mkdirSync(options.outDir, { recursive: true })
  const outFile = join(options.outDir, file)
  writeFileSync(outFile, code)
  return outFile
}

/** The repository that a pipeline's file belongs to: its folder, or the one above `pipelines/`. */
export function rootOf(entryFile: string): string {
  const folder = dirname(entryFile)
  return basename(folder) === 'pipelines' ? dirname(folder) : folder
}

/** A dynamic import: so the file is evaluated after the claim, and not at all by a process that has no right to run. */
const entryCode = (name: string): string =>
  `import { main } from '@baton/pipeline'\nmain(() => import(${JSON.stringify(`./${name}`)}), ${JSON.stringify(name)})\n`

interface Bundle {
  readonly file: Format['file']
  readonly code: string
}

async function bundle(tool: Esbuild, options: esbuild.BuildOptions): Promise<Bundle> {
  let failure: unknown
  for (const format of formats) {
    try {
      const { outputFiles } = await tool.build({ ...options, ...format.options })
      const code = outputFiles?.[0]?.text ?? ''
      return { file: format.file, code: format.header(code) + code }
    } catch (error) {
      failure = error
      if (!failuresOf(error).some(needsModule)) break
    }
  }
  throw await complaintOf(failure, tool)
}

const failuresOf = (error: unknown): esbuild.Message[] => (error as Partial<esbuild.BuildFailure>).errors ?? []

async function complaintOf(error: unknown, tool: Esbuild): Promise<unknown> {
  const failures = failuresOf(error)
  const fenced = failures.map((failure) => failure.detail).find((detail) => isBatonError(detail))
  if (fenced !== undefined) return fenced
  if (failures.length === 0) return error
  const missing = failures.find(({ text }) => missingImport.test(text))
  if (missing !== undefined) return errors.IMPORT_MISSING({ place: placeOf(missing), import: importOf(missing) }, error)
  const lines = await tool.formatMessages(failures, { kind: 'error', color: false })
  return errors.BUNDLE_FAILED({ message: lines.join('').trim() }, error)
}

/** How esbuild says that an import leads nowhere. */
const missingImport = /^Could not resolve "([^"]*)"/

const importOf = ({ text }: esbuild.Message): string => missingImport.exec(text)?.[1] ?? text

const placeOf = ({ location }: esbuild.Message): string =>
  location === null ? 'the pipeline' : `${location.file}:${location.line}:${location.column + 1}`
