import { expect, test } from 'vitest'
import { hasBareImports } from './imports.ts'

test.each([
  "import x from 'left-pad'",
  'import{a}from"@scope/x/deep"',
  "import 'side-effect'",
  "export * from 'x'",
  "const x = await import('x')",
  "const x = require('x')",
  "import type { X } from 'types-only'",
  "import {\n  a,\n  b,\n} from\n  'x'",
  "import x from '#inner'",
])('%s needs packages', (source) => {
  expect(hasBareImports(source)).toBe(true)
})

test.each([
  "import { sh } from '@baton/pipeline'",
  "import fs from 'node:fs'",
  "import { readFile } from 'fs/promises'",
  "import x from './pipeline/x.ts'",
  "import x from '../x.ts'",
  "import x from '/etc/passwd'",
  'const from = "x"',
  'sh`import something`',
])('%s needs none', (source) => {
  expect(hasBareImports(source)).toBe(false)
})
