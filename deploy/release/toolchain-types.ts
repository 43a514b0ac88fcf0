import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type ts from 'typescript'
import { listFiles } from './digest.ts'

/** Libraries whose declarations a user's pipeline.ts is checked against. */
const entry = 'libs/pipeline-dsl/src/index.ts'
const packages: Readonly<Record<string, string>> = {
  '@baton/pipeline': 'libs/pipeline-dsl/src/index.ts',
  '@baton/model': 'libs/model/src/index.ts',
}

/** Folders whose sources the declarations are made of. */
export const declared = Object.values(packages).map((file) => dirname(file))

/**
 * Writes the declarations of `@baton/pipeline`, and of what they need, into `dir`; `dir`/index.d.ts is their door.
 * Declarations and not sources: the user's own compiler settings must not judge our code.
 */
export async function writeTypes(checkout: string, dir: string): Promise<void> {
  const compiler = (await import('typescript')).default
  const program = compiler.createProgram([join(checkout, entry)], optionsOf(compiler, checkout, dir))
  const emitted = program.emit(undefined, undefined, undefined, true)
  const complaints = emitted.diagnostics.map(({ messageText }) =>
    compiler.flattenDiagnosticMessageText(messageText, ' '),
  )
  if (complaints.length > 0) throw new Error(`the declarations of @baton/pipeline: ${complaints.join('; ')}`)
  for (const file of await listFiles(dir, ['libs'])) await pointInside(dir, file)
  await writeFile(join(dir, 'index.d.ts'), `export * from './${entry.replace(/\.ts$/, '.js')}'\n`)
}

function optionsOf(compiler: typeof ts, checkout: string, outDir: string): ts.CompilerOptions {
  return {
    target: compiler.ScriptTarget.ES2023,
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    types: ['node'],
    typeRoots: [join(checkout, 'node_modules/@types')],
    strict: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    removeComments: false,
    rewriteRelativeImportExtensions: true,
    // As sources of ours and not as packages, so that their declarations are written as well.
    paths: Object.fromEntries(Object.entries(packages).map(([name, file]) => [name, [join(checkout, file)]])),
    rootDir: checkout,
    outDir,
  }
}

/** Makes imports of our packages relative: where the declarations are unpacked there is no node_modules/@baton. */
async function pointInside(dir: string, file: string): Promise<void> {
  const text = await readFile(join(dir, file), 'utf8')
  const pointed = text.replace(
    /(from |import\()(['"])([^'"]+)\2/g,
    (whole, lead: string, quote: string, name: string) => {
      const target = packages[name] ?? (name.startsWith('.') ? join(dirname(file), name) : undefined)
      if (target === undefined) return whole
      const path = relative(dirname(file), target).replace(/\.ts$/, '.js')
      return `${lead}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
    },
  )
  await mkdir(dirname(join(dir, file)), { recursive: true })
  await writeFile(join(dir, file), pointed)
}
