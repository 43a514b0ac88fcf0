import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isBatonError } from '@baton/model'
import { checkout, type Description, parallel, pipeline, type StepContext, step } from '@baton/pipeline'
import { bundlePipeline, compilerSettings, findGround, findTests, processErrors } from '@baton/pipeline-process'
import { findToolchain, loadEsbuild } from './toolchain.ts'

/** Our own files of a meta-build lie beside the workspace, so that the commit stays as it is. */
function place(cwd: string, name: string): string {
  const folder = resolve(cwd, '../assembly')
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}

function assemblyOf({ assembly }: StepContext) {
  if (assembly === undefined)
    throw new Error('nothing to assemble: this pipeline only runs where the Builder started it')
  return assembly
}

const install = step(
  'install',
  async (context) => {
    const { sh, log, cwd } = context
    if (!assemblyOf(context).install) return log('nothing to install: the pipeline imports no packages')
    if (!existsSync(join(cwd, 'package.json'))) return log('nothing to install: there is no package.json')
    // Scripts of packages are code that nobody asked for.
    await sh`npm ci --ignore-scripts --no-audit --no-fund`
  },
  { timeout: '10m' },
)

const typeCheck = step(
  'type-check',
  async (context) => {
    const { sh, cwd, log } = context
    const toolchain = findToolchain(cwd)
    const files = [assemblyOf(context).entryFile, ...findTests(cwd)].map((path) => join(cwd, path))
    const settings = place(cwd, 'tsconfig.json')
    const wish = compilerSettings({ own: findGround(cwd, log), toolchain, files })
    writeFileSync(settings, JSON.stringify(wish, undefined, 2))
    await sh`node ${toolchain.tsc} --project ${settings} --pretty false`
  },
  { timeout: '5m' },
)

const test = step(
  'test',
  async ({ sh, log, cwd }) => {
    const tests = findTests(cwd)
    if (tests.length === 0) return log('the pipeline has no tests')
    const toolchain = findToolchain(cwd)
    const esbuild = await loadEsbuild(toolchain)
    const outdir = place(cwd, 'tests')
    await esbuild.build({
      entryPoints: tests.map((path) => join(cwd, path)),
      outdir,
      outbase: cwd,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      alias: { '@baton/pipeline': toolchain.library },
      logLevel: 'silent',
    })
    const bundles = tests.map((path) => join(outdir, path.replace(/\.ts$/, '.mjs')))
    await sh`node --enable-source-maps --test --test-reporter=spec ${bundles}`
  },
  { timeout: '5m' },
)

const bundle = step('bundle', async (context) => {
  const { cwd, log } = context
  const toolchain = findToolchain(cwd)
  const outFile = await bundlePipeline({
    root: cwd,
    entryFile: join(cwd, assemblyOf(context).entryFile),
    engineFile: toolchain.engine,
    outDir: place(cwd, 'bundle'),
    esbuild: await loadEsbuild(toolchain),
  })
  log(`${assemblyOf(context).entryFile} and the engine are one file`)
  return outFile
})

const describeSeconds = 20

const describe = step(
  'describe',
  async (context) => {
    const { sh, use, cwd } = context
    const file = assemblyOf(context).entryFile
    const empty = place(cwd, 'empty')
    mkdirSync(empty, { recursive: true })
    // Loading it runs the user's code for the first time: with nothing in its environment, and not for long.
    const describing = sh({
      cwd: '../assembly/empty',
      timeout: `${describeSeconds}s`,
    })`env -i ${process.execPath} ${use(bundle)} --describe`
    const { text } = await describing.catch((error: unknown) => {
      if (!isBatonError(error, 'SH_TIMED_OUT')) throw error
      throw processErrors.PIPELINE_LOADS_FOREVER({ file, seconds: describeSeconds }, error)
    })
    return JSON.parse(text.trim().split('\n').at(-1) ?? '') as Description
  },
  { timeout: '1m' },
)

const publish = step('publish', async ({ publish, use, log }) => {
  if (publish === undefined) throw new Error('nowhere to publish: this pipeline only runs where the Builder started it')
  const { digest } = await publish(use(bundle), use(describe))
  log(`published ${digest}`)
})

/** Assembles one pipeline version: what the Builder runs, as a build like any other, whenever pipeline code changed. */
export default pipeline('meta', { cpus: 0.5, memMb: 768, timeout: '20m', attempts: 3 }, [
  checkout(),
  install,
  parallel('check', [typeCheck, test]),
  bundle,
  describe,
  publish,
])
