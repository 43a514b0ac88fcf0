import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allOf } from './all-of.ts'
import { bundleProcesses } from './bundle-processes.ts'
import { digestOfFiles, listFiles } from './digest.ts'
import { digestOfInputs } from './inputs.ts'
import { copyNativePackages } from './native-packages.ts'
import { type ProcessName, pathsOf, processes } from './parts.ts'
import { makeToolchain } from './toolchain.ts'

/** A release: everything the platform's processes run from, in one folder named by its content. */
export interface Release {
  readonly digest: string
  readonly dir: string
  /** For each process the digest of what it runs on: what tells whether a new release concerns it. */
  readonly parts: Readonly<Record<ProcessName, string>>
}

/**
 * The release of this checkout, made if none of the same inputs is there. Appears whole or not at all: it is made
 * beside its place and renamed. Repeating it, even at the same time, gives the same folder.
 */
export async function makeRelease(checkout: string, releasesDir: string): Promise<Release & { made: boolean }> {
  await mkdir(releasesDir, { recursive: true, mode: 0o700 })
  const inputs = await digestOfInputs(checkout)
  const known = await findRelease(releasesDir, inputs)
  if (known !== undefined) return { ...known, made: false }
  const draft = join(releasesDir, `.draft-${randomBytes(6).toString('hex')}`)
  try {
    const release = await fillRelease(checkout, releasesDir, draft)
    await writeWhole(join(releasesDir, `inputs-${inputs}`), release.digest)
    return { ...release, made: true }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function fillRelease(checkout: string, releasesDir: string, draft: string): Promise<Release> {
  await mkdir(draft, { mode: 0o700 })
  await allOf([
    bundleProcesses(checkout, draft),
    copyNativePackages(checkout, draft),
    makeToolchain(checkout, join(draft, 'toolchain')),
  ])
  await (await import('esbuild')).stop()
  const digest = (await digestOfFiles(draft, await listFiles(draft, ['.']))).slice(0, 24)
  const parts = await partsOf(draft)
  await writeFile(join(draft, 'release.json'), JSON.stringify({ digest, parts }, null, 2))
  const dir = join(releasesDir, digest)
  await rename(draft, dir).catch(async (error: NodeJS.ErrnoException) => {
    // The same content is there already: made from other inputs, or by somebody else just now.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  return { digest, dir, parts }
}

async function partsOf(dir: string): Promise<Release['parts']> {
  const parts: Partial<Record<ProcessName, string>> = {}
  for (const { name } of processes) {
    parts[name] = (await digestOfFiles(dir, await listFiles(dir, pathsOf(name)))).slice(0, 24)
  }
  return parts as Release['parts']
}

/** The release of this checkout as it is now, if it was made already. */
export async function findFreshRelease(checkout: string, releasesDir: string): Promise<Release | undefined> {
  return await findRelease(releasesDir, await digestOfInputs(checkout))
}

async function findRelease(releasesDir: string, inputs: string): Promise<Release | undefined> {
  const digest = await readFile(join(releasesDir, `inputs-${inputs}`), 'utf8').catch(() => undefined)
  return digest === undefined ? undefined : await findReleaseOf(releasesDir, digest)
}

/** The release of this digest, if it is there. */
export async function findReleaseOf(releasesDir: string, digest: string): Promise<Release | undefined> {
  const dir = join(releasesDir, digest)
  const text = await readFile(join(dir, 'release.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : { ...(JSON.parse(text) as Omit<Release, 'dir'>), dir }
}

async function writeWhole(file: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`
  await writeFile(draft, content)
  await rename(draft, file)
}
