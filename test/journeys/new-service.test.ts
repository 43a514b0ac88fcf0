import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../deploy/checkout.ts'
import { runBaton } from '../platform/baton.ts'
import { run } from '../platform/run.ts'
import { readCheckout } from '../tidy/checkout.ts'
import { packagesAreDeclared } from '../tidy/imports.ts'
import { partsAreComplete, servicesHaveDefinitions } from '../tidy/places.ts'

/** A project like this checkout, with its packages and settings. */
let project: string
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'baton-project-'))
  for (const file of ['package.json', 'tsconfig.json', 'biome.json', 'vitest.config.ts', '.gitignore'])
    cpSync(join(checkout, file), join(project, file))
  for (const dir of ['node_modules', 'libs']) symlinkSync(join(checkout, dir), join(project, dir))
  mkdirSync(join(project, 'marathon'))
  writeFileSync(join(project, 'marathon/README.md'), 'definitions')
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

const command = (name: string) => join(project, 'node_modules', name)
const node = (...args: string[]) => run(process.execPath, args, { cwd: project, env: { NO_COLOR: '1' } })

describe('baton new service', () => {
  beforeAll(async () => {
    const made = await runBaton(['new', 'service', 'greeter'], { cwd: project })
    expect(made).toMatchObject({ code: 0, err: '', out: expect.stringContaining('services/greeter/src/main.ts\n') })
  })

  test('writes one that passes its own test', async () => {
    const ended = await node(command('vitest/vitest.mjs'), 'run', '--project', 'unit', 'services/greeter')
    expect(ended).toMatchObject({ code: 0, out: expect.stringMatching(/Tests\s+4 passed/) })
  })

  test('writes code as ours is: it compiles, is formatted, declares what it imports, and has a definition', async () => {
    const only = JSON.stringify({ extends: './tsconfig.json', include: ['services/**/*.ts', 'libs/*/src/**/*.d.ts'] })
    writeFileSync(join(project, 'tsconfig.service.json'), only)
    expect(await node(command('typescript/lib/tsc.js'), '-p', 'tsconfig.service.json')).toMatchObject({
      code: 0,
      out: '',
    })
    const formatted = await node(command('@biomejs/biome/bin/biome'), 'check', '--vcs-enabled=false', 'services')
    expect(formatted).toMatchObject({ code: 0 })
    expect([servicesHaveDefinitions, partsAreComplete].flatMap((rule) => rule(readCheckout(project)))).toEqual([])
    expect(packagesAreDeclared(readCheckout(project)).filter((one) => one.includes('greeter'))).toEqual([])
  })

  test('writes one that bundles into a file that runs by itself', async () => {
    const { scripts } = JSON.parse(readFileSync(join(project, 'services/greeter/package.json'), 'utf8'))
    const env = { PATH: `${command('.bin')}:${process.env['PATH']}` }
    const cwd = join(project, 'services/greeter')
    expect(await run('/bin/sh', ['-c', scripts.bundle], { cwd, env })).toMatchObject({ code: 0 })
    const wrong = await run(process.execPath, ['dist/greeter.mjs'], { cwd, env: { PORT0: 'many' } })
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('PORT0') })
  })

  test('writes over nothing', async () => {
    const before = readFileSync(join(project, 'services/greeter/README.md'), 'utf8')
    expect(await runBaton(['new', 'service', 'greeter'], { cwd: project })).toMatchObject({
      code: 4,
      err: expect.stringContaining('FILE_EXISTS'),
    })
    expect(readFileSync(join(project, 'services/greeter/README.md'), 'utf8')).toBe(before)
  })

  test('refuses a name that no service can have, and a folder without the kit', async () => {
    expect((await runBaton(['new', 'service', '../up'], { cwd: project })).code).toBe(2)
    const elsewhere = await runBaton(['new', 'service', 'other'], { cwd: tmpdir() })
    expect(elsewhere).toMatchObject({ code: 3, err: expect.stringContaining('SERVICE_KIT_MISSING') })
    expect(existsSync(join(project, 'services/other'))).toBe(false)
  })
})
