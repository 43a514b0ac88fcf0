import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Plugin } from 'esbuild'
import { allOf } from './all-of.ts'
import { packFolder } from './archive.ts'
import { oneFile } from './bundle-processes.ts'
import { compileEngine } from './compile-engine.ts'
import { copyToolchainPackages } from './toolchain-packages.ts'
import { writeTypes } from './toolchain-types.ts'

const engine = 'services/pipeline/src/engine.ts'
const library = 'libs/pipeline-dsl/src/index.ts'
const metaPipeline = 'services/pipeline-builder/src/meta/pipeline.ts'
const describeMs = 20_000

/**
 * Makes the toolchain in `dir`: the meta-pipeline as one bundle with its description, what its builds unpack in their
 * sandboxes (toolchain.tgz), and the digest of that, which is the engine version of every pipeline version.
 */
export async function makeToolchain(checkout: string, dir: string): Promise<void> {
  const unpacked = join(dir, 'toolchain')
  await mkdir(join(dir, 'meta'), { recursive: true })
  await mkdir(unpacked, { recursive: true })
  const engineFile = join(unpacked, 'engine.cjs')
  await allOf([
    bundleEngine(checkout, engineFile).then(() => bundleMetaPipeline(checkout, engineFile, join(dir, 'meta'))),
    bundleLibrary(checkout, join(unpacked, 'library.mjs')),
    copyToolchainPackages(checkout, unpacked),
    writeTypes(checkout, join(unpacked, 'types')),
  ])
  const digest = await packFolder(dir, 'toolchain', join(dir, 'toolchain.tgz'))
  await writeFile(join(dir, 'digest'), digest)
  await rm(unpacked, { recursive: true })
}

/** The library and the process in one file, compiled: what `@baton/pipeline` is in every bundle. */
async function bundleEngine(checkout: string, outfile: string): Promise<void> {
  const { build } = await import('esbuild')
  // A script that V8 loads compiled cannot import anything while it runs; it requires.
  const supported = { 'dynamic-import': false }
  const entryPoints = [join(checkout, engine)]
  await build({ ...oneFile, format: 'cjs', supported, entryPoints, outfile, absWorkingDir: checkout })
  await compileEngine(outfile)
}

/** Gives the compiled engine by a name of its own: where it lies just now must not show in the bundle. */
const engineFrom = (file: string): Plugin => ({
  name: 'engine',
  setup(build) {
    build.onResolve({ filter: /^@baton\/pipeline$/ }, () => ({ path: 'engine.js', namespace: 'baton' }))
    build.onLoad({ filter: /.*/, namespace: 'baton' }, async () => ({ contents: await readFile(file) }))
  },
})

/** What `@baton/pipeline` is in the tests of a pipeline. */
async function bundleLibrary(checkout: string, outfile: string): Promise<void> {
  const { build } = await import('esbuild')
  await build({ ...oneFile, entryPoints: [join(checkout, library)], outfile, absWorkingDir: checkout })
}

/** The meta-pipeline is assembled here and not by itself: it is what assembles. */
async function bundleMetaPipeline(checkout: string, engineFile: string, dir: string): Promise<void> {
  const { build } = await import('esbuild')
  // Loaded when it is wanted, as in every bundle: the claim comes first.
  const entry = `
    import { main } from '@baton/pipeline'
    main(() => import(${JSON.stringify(join(checkout, metaPipeline))}))`
  const outfile = join(dir, 'pipeline.cjs')
  await build({
    ...oneFile,
    format: 'cjs',
    stdin: { contents: entry, resolveDir: checkout, loader: 'ts' },
    outfile,
    absWorkingDir: checkout,
    plugins: [engineFrom(engineFile)],
    external: ['esbuild', 'typescript'],
  })
  const described = await promisify(execFile)(process.execPath, [outfile, '--describe'], {
    env: {},
    timeout: describeMs,
  })
  await writeFile(join(dir, 'description.json'), described.stdout)
}
