import type * as esbuild from 'esbuild'

/** What Node can take a bundle as. */
export interface Format {
  /** The name tells Node which it is. */
  readonly file: 'pipeline.cjs' | 'pipeline.mjs'
  readonly options: Pick<esbuild.BuildOptions, 'format' | 'define'>
  /** The line that goes before the code; on its first line, so that the places in the map stay right. */
  header(code: string): string
}

/** Put together, as the bundling of our own sources (deploy/bin/bundle.mjs) replaces the whole words. */
const ofModule = (what: string): string => `import.meta.${what}`
const addressName = '__batonUrl'

/** Node starts a script sooner than a module, by about a tenth of the way to the first step. */
const script: Format = {
  file: 'pipeline.cjs',
  options: {
    format: 'cjs',
    define: {
      [ofModule('url')]: addressName,
      [ofModule('filename')]: '__filename',
      [ofModule('dirname')]: '__dirname',
    },
  },
  header: (code) => {
    const address = `const ${addressName} = require('node:url').pathToFileURL(__filename).href; `
    return `'use strict'; ${code.includes(addressName) ? address : ''}`
  },
}

/** Only a module may wait at its top level. The engine, and CommonJS packages, call `require`, which it does not have. */
const module: Format = {
  file: 'pipeline.mjs',
  options: { format: 'esm' },
  header: () =>
    "import { createRequire as __batonRequire } from 'node:module'; const require = __batonRequire(import.meta.url); ",
}

/** The first that takes the code is the one. */
export const formats: readonly Format[] = [script, module]

/** Whether a bundle could not be a script for what only a module may do. */
export const needsModule = ({ text }: esbuild.Message): boolean => text.startsWith('Top-level await is')
