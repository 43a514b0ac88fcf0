#!/usr/bin/env node
// Runs any TypeScript file of this checkout: node deploy/bin/run-ts.mjs <file.ts> [arguments]
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleOf } from './bundle.mjs'

const entry = resolve(process.argv[2] ?? '')
if (!entry.endsWith('.ts') || !existsSync(entry)) {
  console.error('usage: node deploy/bin/run-ts.mjs <file.ts> [arguments]')
  process.exit(2)
}
process.argv.splice(1, 2, entry)
await import(pathToFileURL(await bundleOf(entry, { packages: 'external' })).href)
