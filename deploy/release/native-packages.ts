import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Copies libsql and what it loads, for this machine only, into `dir`/node_modules. */
export async function copyNativePackages(checkout: string, dir: string): Promise<void> {
  const from = join(checkout, 'node_modules')
  const packages = ['libsql', '@neon-rs/load', ...(await listLibraries(from))]
  for (const name of packages) {
    await cp(join(from, name), join(dir, 'node_modules', name), { recursive: true, filter: isNeeded })
  }
}

/** The compiled library for this platform, and for its C library if two of them are installed. */
async function listLibraries(from: string): Promise<string[]> {
  const mine = `${process.platform}-${process.arch}`
  const names = (await readdir(join(from, '@libsql'))).filter((name) => name.startsWith(mine))
  const fitting = names.filter((name) => names.length === 1 || name.includes('musl') !== isGlibc())
  return fitting.map((name) => `@libsql/${name}`)
}

function isGlibc(): boolean {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined
  return report?.header?.glibcVersionRuntime !== undefined
}

const isNeeded = (path: string): boolean => !/\.(md|d\.ts|map)$|\/types$/.test(path)
