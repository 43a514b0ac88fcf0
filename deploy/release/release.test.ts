import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { list } from 'tar'
import { describe, expect, test } from 'vitest'
import { checkout as ours } from '../checkout.ts'
import { tempDir } from '../testing/temp-dir.ts'
import { digestOfBytes } from './digest.ts'
import { processes } from './parts.ts'
import { makeRelease } from './release.ts'

const describing = `export async function main(load: () => Promise<{ default: unknown }>) { if (process.argv.includes('--describe')) console.log(JSON.stringify((await load()).default)) }`

/** A checkout with the same places and the same packages as ours, whose programs say one word. */
function smallCheckout(): string {
  const root = tempDir('checkout')
  const files: Record<string, string> = {
    'package-lock.json': '{}',
    'libs/pipeline-dsl/src/index.ts': `import { word } from './word.ts'\nexport const step = (name: string): string => name + word\n`,
    'libs/pipeline-dsl/src/word.ts': `export const word: string = '.'\n`,
    'services/pipeline/src/engine.ts': `export { step } from '../../../libs/pipeline-dsl/src/index.ts'\n${describing}\n`,
    'services/pipeline-builder/src/meta/pipeline.ts': `import { step } from '../../../pipeline/src/engine.ts'\nexport default { name: step('meta') }\n`,
  }
  for (const { entry } of processes) files[entry] = `console.log('${entry}')\n`
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  symlinkSync(join(ours, 'node_modules'), join(root, 'node_modules'))
  return root
}

/** The same files, checked out on another day by somebody with another umask. */
function copyOf(checkout: string): string {
  const copy = tempDir('checkout')
  cpSync(checkout, copy, { recursive: true, verbatimSymlinks: true })
  const file = join(copy, 'services/pipeline/src/engine.ts')
  utimesSync(file, new Date('2001-01-01'), new Date('2001-01-01'))
  chmodSync(file, 0o600)
  return copy
}

async function namesIn(archive: string): Promise<string[]> {
  const names: string[] = []
  await list({ file: archive, onReadEntry: ({ path }) => void names.push(path) })
  return names
}

describe('a release', () => {
  test('has the same name, and the same toolchain to the byte, wherever it is made', async () => {
    const checkout = smallCheckout()
    const first = await makeRelease(checkout, tempDir('releases'))
    const second = await makeRelease(copyOf(checkout), tempDir('releases'))

    expect(second.digest).toBe(first.digest)
    const archives = [first, second].map(({ dir }) => readFileSync(join(dir, 'toolchain/toolchain.tgz')))
    expect(archives[0]?.equals(archives[1] ?? Buffer.alloc(0))).toBe(true)
    expect(readFileSync(join(first.dir, 'toolchain/digest'), 'utf8')).toBe(digestOfBytes(archives[0] ?? ''))
    expect(JSON.parse(readFileSync(join(first.dir, 'toolchain/meta/description.json'), 'utf8'))).toEqual({
      name: 'meta.',
    })
  }, 120_000)

  test('holds what its processes and a meta-build need, and no draft is left', async () => {
    const releases = tempDir('releases')
    const { dir, digest } = await makeRelease(smallCheckout(), releases)

    expect(readdirSync(dir).sort()).toEqual([
      'local-marathon.mjs',
      'node_modules',
      'pipeline-builder.mjs',
      'pipeline-spawner.mjs',
      'pipeline-state-controller.mjs',
      'release.json',
      'toolchain',
    ])
    expect(readdirSync(join(dir, 'node_modules'))).toEqual(expect.arrayContaining(['@libsql', 'libsql']))
    expect(readdirSync(releases).filter((name) => !name.startsWith('inputs-'))).toEqual([digest])
    const names = await namesIn(join(dir, 'toolchain/toolchain.tgz'))
    expect(names).toEqual([...names].sort())
    expect(names).toEqual(
      expect.arrayContaining([
        'toolchain/engine.cjs',
        'toolchain/library.mjs',
        'toolchain/types/index.d.ts',
        'toolchain/node_modules/typescript/lib/_tsc.js',
        'toolchain/node_modules/typescript/lib/lib.es2023.d.ts',
        'toolchain/node_modules/esbuild/lib/main.js',
        'toolchain/node_modules/@types/node/index.d.ts',
        'toolchain/node_modules/undici-types/package.json',
      ]),
    )
    expect(names.filter((name) => name.endsWith('typescript.js'))).toEqual([])
  }, 120_000)

  test('is made once, and again for what changed only', async () => {
    const [checkout, releases] = [smallCheckout(), tempDir('releases')]
    const first = await makeRelease(checkout, releases)
    const again = await makeRelease(checkout, releases)
    expect([first.made, again.made, again.digest]).toEqual([true, false, first.digest])

    appendFileSync(join(checkout, 'services/pipeline-spawner/src/main.ts'), `console.log('new')\n`)
    const changed = await makeRelease(checkout, releases)

    expect(changed.made).toBe(true)
    expect(changed.parts['pipeline-spawner']).not.toBe(first.parts['pipeline-spawner'])
    expect(changed.parts['pipeline-builder']).toBe(first.parts['pipeline-builder'])
    expect(changed.parts['local-marathon']).toBe(first.parts['local-marathon'])
  }, 120_000)

  test('that cannot be made leaves nothing behind', async () => {
    const [checkout, releases] = [smallCheckout(), tempDir('releases')]
    writeFileSync(join(checkout, 'services/pipeline-spawner/src/main.ts'), 'import "./absent.ts"')

    await expect(makeRelease(checkout, releases)).rejects.toThrow('absent.ts')

    expect(readdirSync(releases)).toEqual([])
  }, 120_000)
})
