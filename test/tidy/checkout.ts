import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { readSource, type Source } from './read-source.ts'

export interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** A package of the monorepo. `test` and files beside the top-level package.json belong to the root, '.'. */
export interface Workspace {
  readonly dir: string
  readonly manifest: Manifest
}

/** The files that are ours, by path from the top, and what rules ask of them again and again. */
export interface Checkout {
  readonly texts: ReadonlyMap<string, string>
  readonly sources: ReadonlyMap<string, Source>
  readonly workspaces: readonly Workspace[]
}

const folders = ['libs', 'services', 'deploy', 'marathon', 'test', '.ci']
const notOurs = ['node_modules', 'dist', '.baton']
const isReadable = /\.(ts|mts|mjs|cjs|js|css|html|json|md)$/
const isSource = /\.(ts|mts|mjs|cjs|js)$/

/** Reads the checkout that lies in `top`. */
export function readCheckout(top: string): Checkout {
  const texts: Record<string, string> = {}
  const read = (path: string) => {
    texts[path] = readFileSync(join(top, path), 'utf8')
  }
  const walk = (dir: string): void => {
    for (const entry of readdirSync(join(top, dir), { withFileTypes: true })) {
      const path = posix.join(dir, entry.name)
      if (entry.isDirectory() && !notOurs.includes(entry.name)) walk(path)
      if (entry.isFile() && isReadable.test(entry.name)) read(path)
    }
  }
  for (const entry of readdirSync(top, { withFileTypes: true })) {
    if (entry.isDirectory() && folders.includes(entry.name)) walk(entry.name)
    if (entry.isFile() && isReadable.test(entry.name) && entry.name !== 'package-lock.json') read(entry.name)
  }
  return checkoutOf(texts)
}

/** A checkout of these files: the real ones, or made-up ones that show a rule at work. */
export function checkoutOf(files: Readonly<Record<string, string>>): Checkout {
  const texts = new Map(Object.entries(files))
  const sources = new Map<string, Source>()
  const workspaces: Workspace[] = []
  for (const [path, text] of texts) {
    if (isSource.test(path)) sources.set(path, readSource(path, text))
    if (/^((libs|services)\/[^/]+\/|deploy\/)?package\.json$/.test(path))
      workspaces.push({ dir: posix.dirname(path), manifest: JSON.parse(text) })
  }
  return { texts, sources, workspaces }
}

/** The folder of the package that a path belongs to. */
export function workspaceOf(path: string): string {
  return /^((libs|services)\/[^/]+|deploy)(?=\/)/.exec(path)?.[0] ?? '.'
}

/** Whether a file is there for tests alone. */
export function isTest(path: string): boolean {
  return /^test\/|\.(test|contract)\.[cm]?ts$|\/(testing|fixtures)\//.test(path)
}

/** What a package is installed by: `@baton/git/testing` by `@baton/git`. Undefined for files and what Node brings. */
export function packageOf(specifier: string): string | undefined {
  if (/^(\.|\/|#|node:)/.test(specifier)) return undefined
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** The folder in which an import of ours ends: of a workspace by its name, or of a relative path. */
export function targetOf(checkout: Checkout, from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return workspaceOf(posix.join(posix.dirname(from), specifier))
  const wanted = packageOf(specifier)
  return checkout.workspaces.find((one) => one.manifest.name === wanted)?.dir
}
