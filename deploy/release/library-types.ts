import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOfFiles, listFiles } from './digest.ts'
import { declared, writeTypes } from './toolchain-types.ts'

/**
 * The declarations of `@baton/pipeline` for checks on this machine, below `dir`, made if its sources changed since: for
 * each state of them a folder, which appears whole or not at all. @returns the path of its index.d.ts
 */
export async function findLibraryTypes(checkout: string, dir: string): Promise<string> {
  const sources = (await listFiles(checkout, declared)).filter((path) => !path.endsWith('.test.ts'))
  const home = join(dir, (await digestOfFiles(checkout, sources)).slice(0, 16))
  const index = join(home, 'index.d.ts')
  if (existsSync(index)) return index
  await mkdir(dir, { recursive: true })
  const draft = await mkdtemp(join(dir, '.draft-'))
  try {
    await writeTypes(checkout, draft)
    await rename(draft, home).catch((error: unknown) => {
      if (!existsSync(index)) throw error // Somebody else may have made it just now.
    })
    return index
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
