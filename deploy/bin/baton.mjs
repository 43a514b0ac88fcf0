#!/usr/bin/env node
// The CLI and the supervisor: bundles deploy/cli/main.ts when it changed, and runs it.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleOf, checkout } from './bundle.mjs'

const file = await bundleOf(join(checkout, 'deploy/cli/main.ts'), { packages: 'bundle' })
await import(pathToFileURL(file).href)
