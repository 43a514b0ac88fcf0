import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import { processes } from './parts.ts'

/** CommonJS packages inside an ES module call `require` for Node's own modules. */
export const requireBanner =
  "import { createRequire as batonCreateRequire } from 'node:module'; const require = batonCreateRequire(import.meta.url);"

/** One self-contained ES module. Names stay, so that stack traces can be read; syntax and blanks shrink. */
export const oneFile: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'silent',
}

/** Bundles each process of the platform into `dir`. Native code cannot be bundled: libsql is copied beside them. */
export async function bundleProcesses(checkout: string, dir: string): Promise<void> {
  const { build } = await import('esbuild')
  await build({
    ...oneFile,
    entryPoints: processes.map(({ name, entry }) => ({ in: join(checkout, entry), out: name })),
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: checkout,
    external: ['libsql', 'esbuild', 'typescript'],
    banner: { js: requireBanner },
  })
}
