import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Description } from '@baton/pipeline'
import { startRun } from '@baton/pipeline/engine'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import meta from './pipeline.ts'

const checkoutDir = resolve(import.meta.dirname, '../../../..')
let dir: string

/** What a release packs, by links into this checkout. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'baton-meta-'))
  const packages = join(dir, 'toolchain/node_modules')
  mkdirSync(join(packages, '@types'), { recursive: true })
  for (const name of ['typescript', 'esbuild', '@types/node']) {
    symlinkSync(join(checkoutDir, 'node_modules', name), join(packages, name))
  }
  mkdirSync(join(dir, 'toolchain/types'))
  const library = join(checkoutDir, 'libs/pipeline-dsl/src/index.ts')
  writeFileSync(join(dir, 'toolchain/types/index.d.ts'), `export * from '${library}'\n`)
  const plain = { bundle: true, platform: 'node', logLevel: 'silent' } as const
  const engine = join(checkoutDir, 'services/pipeline/src/engine.ts')
  await build({ ...plain, entryPoints: [engine], format: 'cjs', outfile: join(dir, 'toolchain/engine.cjs') })
  await build({ ...plain, entryPoints: [library], format: 'esm', outfile: join(dir, 'toolchain/library.mjs') })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Runs the meta-pipeline on these files, as a meta-build would after its checkout. */
async function assemble(files: Record<string, string>, install = false) {
  const sandbox = mkdtempSync(join(dir, 'sandbox-'))
  symlinkSync(join(dir, 'toolchain'), join(sandbox, 'toolchain'))
  const cwd = join(sandbox, 'workspace')
  for (const [name, content] of Object.entries({ 'pipeline.ts': good, ...files })) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), content)
  }
  mkdirSync(join(sandbox, 'output'))
  const steps = new Map<string, string>()
  const ended: Record<string, string> = {}
  const published: { file: string; description: Description }[] = []
  const recorder = {
    plan: (planned: readonly { id: string; name: string }[]) =>
      planned.forEach(({ id, name }) => void steps.set(id, name)),
    step: (id: string, status: string) => {
      ended[steps.get(id) ?? id] = status
    },
    outputPath: (id: string) => join(sandbox, 'output', `${id}.log`),
  }
  const run = startRun(meta, {
    recorder,
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: sandbox },
    build: {
      pipeline: '~todo',
      number: 1,
      attempt: 1,
      commit: 'c'.repeat(40),
      ref: 'refs/heads/main',
      repository: 'todo',
    },
    checkout: async () => {},
    assembly: { key: 'k', pipeline: 'todo', repository: 'todo', entryFile: 'pipeline.ts', install },
    publish: async (file, description) => {
      published.push({ file, description })
      return { digest: 'd' }
    },
  })
  const { status } = await run.done
  const output = (name: string): string => {
    const id = [...steps].find(([, known]) => known === name)?.[0]
    return readFileSync(join(sandbox, 'output', `${id}.log`), 'utf8')
  }
  return { status, ended, published, output, cwd }
}

const good = `import { checkout, pipeline, sh, step } from '@baton/pipeline'
import { greeting } from './pipeline/greeting.ts'
export default pipeline('todo', { cpus: 1, paths: ['src/**'] }, [
  checkout(),
  step('greet', sh\`echo \${greeting}\`),
])
`
const greeting = { 'pipeline/greeting.ts': "export const greeting: string = 'hello'\n" }

describe('the meta-pipeline', () => {
  test('assembles a pipeline that runs by itself', async () => {
    const { status, ended, published, cwd, output } = await assemble({
      ...greeting,
      'pipeline.test.ts':
        "import { test } from 'node:test'\nimport pipeline from './pipeline.ts'\ntest('it is there', () => void pipeline)\n",
    })
    expect({ status, ended, why: ended['type-check'] === 'failure' ? output('type-check') : '' }).toMatchObject({
      status: 'success',
      ended: { install: 'success', 'type-check': 'success', test: 'success', describe: 'success', publish: 'success' },
    })
    expect(output('test')).toMatch(/pass 1/)
    expect(published[0]?.description).toMatchObject({ name: 'todo', cpus: 1, paths: ['src/**'] })
    const ran = await promisify(execFile)(process.execPath, [published[0]?.file ?? ''], { cwd })
    expect(ran.stdout).toContain('hello')
  })

  test("says in the compiler's words what does not compile, and publishes nothing", async () => {
    const { status, published, output, ended } = await assemble({
      'pipeline/greeting.ts': 'export const greeting: string = 7\n',
    })
    expect({ status, published }).toEqual({ status: 'failure', published: [] })
    expect(output('type-check')).toMatch(/pipeline\/greeting\.ts\(1,14\): error TS2322/)
    expect(ended['publish']).toBe('skipped')
  })

  test('is strict whatever the repository is, and uses its own settings otherwise', async () => {
    const { output, status } = await assemble({
      ...greeting,
      'tsconfig.json': '{"compilerOptions":{"strict":false,"noUnusedLocals":true,"outDir":"dist","composite":true}}',
      'pipeline/greeting.ts': "const unused = 1\nexport const greeting = 'x'\nexport const f = (x) => x\n",
    })
    expect(status).toBe('failure')
    expect(output('type-check')).toMatch(/TS6133/)
    expect(output('type-check')).toMatch(/TS7006/)
  })

  test("leaves the application's settings aside if they are built on a package that is not installed", async () => {
    const { status, output } = await assemble({
      ...greeting,
      'tsconfig.json': '{ /* ours */ "extends": ["./base.json", "@tsconfig/node20/tsconfig.json"] }',
      'base.json': '{"compilerOptions":{"emitDeclarationOnly":true,"isolatedDeclarations":true}}',
    })
    expect(output('type-check')).toContain('@tsconfig/node20')
    expect(status).toBe('success')
  })

  test('checks with settings that were made for a library', async () => {
    const own = {
      declaration: true,
      emitDeclarationOnly: true,
      isolatedDeclarations: true,
      declarationMap: true,
      rootDir: 'src',
      outDir: 'dist',
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
    }
    const { output, status } = await assemble({
      ...greeting,
      'tsconfig.json': JSON.stringify({ compilerOptions: own }),
    })
    expect({ status, said: output('type-check') }).toEqual({ status: 'success', said: '' })
  })

  test('refuses to publish what its own tests do not hold of', async () => {
    const failing = "import { test } from 'node:test'\ntest('no', () => { throw new Error('not so') })\n"
    const { status, published, output } = await assemble({ ...greeting, 'pipeline/x/some.test.ts': failing })
    expect({ status, published }).toEqual({ status: 'failure', published: [] })
    expect(output('test')).toContain('not so')
  })

  test('refuses what is imported from outside of the pipeline code', async () => {
    const { output, published } = await assemble({
      'src/secret.ts': "export const greeting = 'x'\n",
      'pipeline/greeting.ts': "export * from '../src/secret.ts'\n",
    })
    expect(published).toEqual([])
    expect(output('bundle')).toContain('IMPORT_OUTSIDE_PIPELINE')
  })

  test.each([
    [
      'is no pipeline',
      'export default 7\n',
      'pipeline.ts has no pipeline as its default export (PIPELINE_NOT_EXPORTED)',
    ],
    ['ends the process', 'process.exit(0)\nexport default 7\n', /ended the process while .* \(PIPELINE_ENDS_ITSELF\)/],
    [
      'throws',
      "export {}\nthrow new Error('no config')\n",
      /^pipeline.ts:2:7: Error was thrown .*: no config \(PIPELINE_LOAD/,
    ],
    [
      'waits for what cannot come',
      'export default await new Promise(() => {})\n',
      /\(PIPELINE_LOADS_FOREVER\)\nhint: /,
    ],
    [
      'has two steps of a name',
      good.replace('checkout()', "step('greet', sh`true`)"),
      /^pipeline.ts:3:16: .*\(PIPELINE_INVALID\)/,
    ],
  ])('does not take what %s while it is loaded, and says where and what to do', async (_what, code, said) => {
    const { ended, published, output } = await assemble({ ...greeting, 'pipeline.ts': code })
    expect(ended).toMatchObject({ bundle: 'success', describe: 'failure' })
    expect(output('describe').split('\n').slice(0, 2).join('\n')).toMatch(said)
    expect(published).toEqual([])
  })

  test('says that packages need a lockfile', async () => {
    const { status, output } = await assemble({ ...greeting, 'package.json': '{"name":"x","version":"1.0.0"}' }, true)
    expect(status).toBe('failure')
    expect(output('install')).toMatch(/package-lock/)
  })
})
