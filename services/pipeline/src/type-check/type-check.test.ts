import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { typeCheck } from './type-check.ts'

const checkout = resolve(import.meta.dirname, '../../../..')
const dir = mkdtempSync(join(tmpdir(), 'baton-type-check-'))
let root: string
beforeEach(() => {
  root = mkdtempSync(join(dir, 'repository-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const toolchainIn = (folder: string) => ({
  types: join(folder, 'index.d.ts'),
  typeRoots: join(checkout, 'node_modules/@types'),
  tsc: join(checkout, 'node_modules/typescript/lib/tsc.js'),
})

function check(pipeline: string): Promise<void> {
  const toolchain = toolchainIn(dir)
  writeFileSync(toolchain.types, `export * from '${join(checkout, 'libs/pipeline-dsl/src/index.ts')}'\n`)
  const entryFile = join(root, 'pipeline.ts')
  writeFileSync(entryFile, pipeline)
  return typeCheck({ root, entryFile, toolchain, memory: join(root, 'memory'), log: () => {} })
}

const good = `import { pipeline, sh, step } from '@baton/pipeline'
import { word } from './pipeline/word.ts'
export default pipeline('todo', [step('a', sh\`echo \${word}\`)])
`
const word = (code: string): void => {
  mkdirSync(join(root, 'pipeline'), { recursive: true })
  writeFileSync(join(root, 'pipeline/word.ts'), code)
}

test("complaints are the compiler's own, with places as its author knows them", async () => {
  word("export const word: number = 'a'\nimport 'not-there'\n")
  await expect(check(good)).rejects.toMatchObject({
    code: 'TYPE_CHECK_FAILED',
    fields: { message: expect.stringMatching(/^pipeline\/word\.ts\(1,14\): error TS2322: [^\n]*$/) },
  })
})

test('what was found right is not compiled again, until a file of it changes', async () => {
  word("export const word = 'a'\n")
  await check(good)
  const toolchain = { ...toolchainIn(dir), tsc: join(root, 'no-compiler.js') }
  const again = () =>
    typeCheck({
      root,
      entryFile: join(root, 'pipeline.ts'),
      toolchain,
      memory: join(root, 'memory'),
      log: () => {},
    })
  await again()
  word('export const word = 77\n')
  await expect(again()).rejects.toMatchObject({ code: 'TYPE_CHECK_FAILED' })
})
