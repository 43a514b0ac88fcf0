import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a meta-build needs of npm: the compiler as a command, esbuild with its binary, Node's types. Nothing else. */
const typescriptFiles = /\/typescript\/(package\.json|lib(\/(tsc\.js|_tsc\.js|lib\.[\w.]*d\.ts))?)?$/
const esbuildFiles = /\/esbuild\/(package\.json|lib(\/main\.js)?)?$/
const everything = /^(?!.*\.(md|map)$)/

/** Copies the trimmed packages into `dir`/node_modules. */
export async function copyToolchainPackages(checkout: string, dir: string): Promise<void> {
  const binary = `@esbuild/${process.platform}-${process.arch}`
  await copyPackage(checkout, dir, 'typescript', typescriptFiles)
  await copyPackage(checkout, dir, 'esbuild', esbuildFiles)
  await copyPackage(checkout, dir, binary, everything)
  await copyPackage(checkout, dir, '@types/node', everything)
  await copyPackage(checkout, dir, 'undici-types', everything)
}

async function copyPackage(checkout: string, dir: string, name: string, wanted: RegExp): Promise<void> {
  const from = join(checkout, 'node_modules', name)
  const shown = (path: string) => path.slice(join(checkout, 'node_modules').length)
  const to = join(dir, 'node_modules', name)
  await cp(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => path === from || wanted.test(shown(path)) || dirname(path) === dirname(from),
  })
}
