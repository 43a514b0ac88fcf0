import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { allOf } from './all-of.ts'
import { packFolder } from './archive.ts'
import { oneFile } from './bundle-processes.ts'
import { copyToolchainPackages } from './toolchain-packages.ts'
import { writeTypes } from './toolchain-types.ts'

const engine = 'services/pipeline/src/engine.ts'
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
  await allOf([
    bundleEngine(checkout, join(unpacked, 'engine.mjs')),
    bundleMetaPipeline(checkout, join(dir, 'meta')),
    copyToolchainPackages(checkout, unpacked),
    writeTypes(checkout, join(unpacked, 'types')),
  ])
  const digest = await packFolder(dir, 'toolchain', join(dir, 'toolchain.tgz'))
  await writeFile(join(dir, 'digest'), digest)
  await rm(unpacked, { recursive: true })
}

/** The library and the process in one file: what `@baton/pipeline` is in every bundle. */
async function bundleEngine(checkout: string, outfile: string): Promise<void> {
  const { build } = await import('esbuild')
  await build({ ...oneFile, entryPoints: [join(checkout, engine)], outfile, absWorkingDir: checkout })
}

/** The meta-pipeline is assembled here and not by itself: it is what assembles. */
async function bundleMetaPipeline(checkout: string, dir: string): Promise<void> {
  const { build } = await import('esbuild')
  // Loaded when it is wanted, as in every bundle: the claim comes first.
  const entry = `
    import { main } from ${JSON.stringify(join(checkout, engine))}
    await main(() => import(${JSON.stringify(join(checkout, metaPipeline))}))`
  await build({
    ...oneFile,
    stdin: { contents: entry, resolveDir: checkout, loader: 'ts' },
    outfile: join(dir, 'pipeline.mjs'),
    absWorkingDir: checkout,
    external: ['esbuild', 'typescript'],
  })
  const described = await promisify(execFile)(process.execPath, [join(dir, 'pipeline.mjs'), '--describe'], {
    env: {},
    timeout: describeMs,
  })
  await writeFile(join(dir, 'description.json'), described.stdout)
}
