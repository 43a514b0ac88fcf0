import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as esbuild from 'esbuild'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openWorkbench, type Workbench } from '../testing/start-process.ts'
import { bundlePipeline } from './bundle-pipeline.ts'

let bench: Workbench
let root: string
beforeAll(async () => {
  bench = await openWorkbench()
})
afterAll(() => bench.close())
beforeEach(() => {
  root = mkdtempSync(join(bench.folder, 'repository-'))
})

const write = (files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}
const bundle = (entry = 'pipeline.ts'): Promise<string> =>
  bundlePipeline({ entryFile: join(root, entry), engineFile: bench.engineFile, outDir: join(root, 'out'), esbuild })
const describeBundle = (file: string): unknown =>
  JSON.parse(execFileSync(process.execPath, [file, '--describe'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString())
const using = (imports: string, name: string): string =>
  `import { pipeline, sh, step } from '@baton/pipeline'\n${imports}\nexport default pipeline(${name}, [step('a', sh\`true\`)])\n`

test('one file of the pipeline, its own modules, packages and the engine; it describes itself and runs nothing', async () => {
  write({
    'pipelines/deploy.ts': using(
      `import { name } from '../pipeline/names.ts'\nimport { basename } from 'path'\nimport left from 'left'
      console.log('noise')\nif (!process.argv.includes('--describe')) throw new Error()`,
      'basename(name) + left()',
    ),
    'pipeline/names.ts': "export { name } from './more'",
    'pipeline/more.ts': "export const name = 'x/deploy'",
    'node_modules/left/package.json': '{"name":"left","main":"index.js"}',
    'node_modules/left/index.js': "const os = require('os'); module.exports = () => (os.EOL ? '-left' : '')",
  })
  const file = await bundle('pipelines/deploy.ts')
  expect(describeBundle(file)).toMatchObject({
    name: 'deploy-left',
    cpus: 0.5,
    steps: [{ id: '1', name: 'a', kind: 'step' }],
  })
})

test('code that waits at its top level becomes a module, any other a script; both know where they lie', async () => {
  const where =
    "import { dirname, basename } from 'node:path'\nconst name = basename(dirname(import.meta.filename)) + (import.meta.url.startsWith('file://') ? '-url' : '')"
  write({ 'pipeline.ts': using(where, 'name') })
  const script = await bundle()
  expect(basename(script)).toBe('pipeline.cjs')
  expect(describeBundle(script)).toMatchObject({ name: 'out-url', file: 'pipeline.cjs' })
  write({ 'pipeline.ts': using(`${where}\nawait Promise.resolve()`, 'name') })
  const module = await bundle()
  expect(basename(module)).toBe('pipeline.mjs')
  expect(describeBundle(module)).toMatchObject({ name: 'out-url', file: 'pipeline.mjs' })
})

test('the same sources give the same bytes, wherever they lie', async () => {
  write({ 'pipeline.ts': using('', "'x'"), 'copy/pipeline.ts': using('', "'x'") })
  const first = readFileSync(await bundle())
  expect(readFileSync(await bundle('copy/pipeline.ts')).equals(first)).toBe(true)
})

test.each([
  ['a file beside', "import '../src/app'", 'pipelines/a.ts', '../src/app'],
  ['a file of the application', "import './src/app'", 'pipeline.ts', './src/app'],
  ['a file far away', "import '/etc/hostname.ts'", 'pipeline.ts', '/etc/hostname.ts'],
])('refused with file and import: %s', async (_what, line, entry, wanted) => {
  write({ 'src/app.ts': 'export {}', [entry]: using(line, "'x'") })
  if (wanted.startsWith('/etc')) return expect(bundle(entry)).rejects.toMatchObject({ code: 'IMPORT_MISSING' })
  const fields = { file: entry, import: wanted }
  await expect(bundle(entry)).rejects.toMatchObject({ code: 'IMPORT_OUTSIDE_PIPELINE', fields })
})

test('a link that leads out is refused, and so is an alias of tsconfig.json', async () => {
  write({ 'src/app.ts': 'export {}', 'pipeline.ts': using("import './pipeline/link'", "'x'"), 'pipeline/x.ts': '' })
  symlinkSync('../src/app.ts', join(root, 'pipeline', 'link.ts'))
  await expect(bundle()).rejects.toMatchObject({ code: 'IMPORT_OUTSIDE_PIPELINE' })
  write({
    'tsconfig.json': '{"compilerOptions":{"paths":{"app":["./src/app.ts"]}}}',
    'pipeline.ts': using("import 'app'", "'x'"),
  })
  await expect(bundle()).rejects.toMatchObject({ code: 'IMPORT_OUTSIDE_PIPELINE', fields: { import: 'app' } })
})

test("what does not compile is BUNDLE_FAILED with esbuild's message", async () => {
  write({ 'pipeline.ts': 'export default (' })
  await expect(bundle()).rejects.toMatchObject({
    code: 'BUNDLE_FAILED',
    message: expect.stringContaining('pipeline.ts:1'),
  })
})

test('an import of what is not there is named with its place', async () => {
  write({ 'pipeline.ts': using("import 'not-installed'", "'x'") })
  await expect(bundle()).rejects.toMatchObject({
    code: 'IMPORT_MISSING',
    fields: { place: 'pipeline.ts:2:8', import: 'not-installed' },
  })
})

test('a file without a pipeline says so when it is loaded', async () => {
  write({ 'pipeline.ts': 'export const x = 1' })
  const { status, stderr } = spawnSync(process.execPath, [await bundle(), '--describe'])
  expect(status).toBe(2)
  expect(stderr.toString()).toContain('PIPELINE_NOT_EXPORTED')
  rmSync(root, { recursive: true })
})
