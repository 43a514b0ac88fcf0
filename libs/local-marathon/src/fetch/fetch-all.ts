import { chmod, lchown, mkdir, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Artifact } from '../apps/app.ts'
import type { Account } from '../tasks/account.ts'
import { copyCached } from './cache.ts'
import { download } from './download.ts'
import { extract, isArchive } from './extract.ts'

export interface FetchPlace {
  readonly sandbox: string
  readonly cacheDir: string
  readonly account: Account
  readonly signal: AbortSignal
}

/** Brings every artifact into the sandbox, in order, before the command starts. Rejects with what went wrong, and where. */
export async function fetchAll(artifacts: readonly Artifact[], place: FetchPlace): Promise<void> {
  for (const artifact of artifacts) {
    try {
      await fetchOne(artifact, place)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`${withoutPassword(artifact.uri)}: ${why}`, { cause: error })
    }
  }
}

async function fetchOne(artifact: Artifact, place: FetchPlace): Promise<void> {
  const target = await resolveTarget(artifact, place.sandbox)
  if (artifact.cache) await copyCached(artifact.uri, target, place)
  else await download(artifact.uri, target, place.signal)
  if (place.account.ids) await lchown(target, place.account.ids.uid, place.account.ids.gid)
  if (artifact.executable) await chmod(target, 0o755)
  else if (artifact.extract && isArchive(target)) {
    await extract(target, place)
    if (artifact.cache) await rm(target, { force: true })
  }
}

/** Where the artifact goes. An archive unpacked before it may hold links, so the folder is looked at as it really is. */
async function resolveTarget(artifact: Artifact, sandbox: string): Promise<string> {
  const name = artifact.destPath ?? nameOf(artifact.uri)
  const root = await realpath(sandbox)
  const target = resolve(root, name)
  if (name === '' || !target.startsWith(root + sep)) throw new Error('destPath leads out of the sandbox')
  await mkdir(dirname(target), { recursive: true })
  const folder = await realpath(dirname(target))
  if (folder !== root && !folder.startsWith(root + sep)) throw new Error('destPath leads out of the sandbox')
  return join(folder, basename(target))
}

/** Mesos takes what follows the last slash, a query included. */
function nameOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1)
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//***@').replace(/\?.*$/, '?***')
}
