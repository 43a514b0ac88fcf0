import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { errors } from '../errors.ts'

/** Where everything of one platform lives. */
export interface DataFolder {
  readonly root: string
  readonly secrets: string
  readonly releases: string
  readonly marathon: string
  readonly logs: string
  readonly locks: string
}

/** Only the owner may look in, whatever else the data folder lets through. */
const privateFolders = ['secrets', 'releases', 'marathon', 'controller', 'builder', 'spawner', 'logs', 'locks'] as const

/** The folders of `dir`, without touching the disk. */
export function dataFolder(dir: string): DataFolder {
  const root = resolve(dir)
  const below = (name: string) => join(root, name)
  return {
    root,
    secrets: below('secrets'),
    releases: below('releases'),
    marathon: below('marathon'),
    logs: below('logs'),
    locks: below('locks'),
  }
}

/**
 * Makes the folders of `dir`, or mends their rights. Started as root, builds run as another user, who must get through
 * to a sandbox below without being able to list: 0711 then, 0700 otherwise.
 * @throws DATA_NOT_OURS, DATA_NOT_MADE
 */
export function openDataFolder(dir: string, isRoot: boolean): DataFolder {
  const data = dataFolder(dir)
  ownFolder(data.root, modeOfRoot(isRoot))
  for (const name of privateFolders) ownFolder(join(data.root, name), 0o700)
  return data
}

/** A folder of ours with exactly these rights, made if it is absent. A link or a stranger's folder is refused. */
export function ownFolder(dir: string, mode: number): void {
  makeFolder(dir, mode)
  const found = lstatSync(dir)
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw errors.DATA_NOT_OURS({ dir })
  // mkdir takes the umask off, and an older folder may have other rights.
  if ((found.mode & 0o777) !== mode) chmodSync(dir, mode)
}

function makeFolder(dir: string, mode: number): void {
  try {
    mkdirSync(dir, { recursive: true, mode })
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    // Something that is no folder stands there: a link to nowhere, a file.
    if (code === 'EEXIST') throw errors.DATA_NOT_OURS({ dir }, error)
    if (notOurFault.has(code)) throw errors.DATA_NOT_MADE({ dir, why: code }, error)
    throw error
  }
}

const notOurFault: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC', 'ENAMETOOLONG'])

/** What the folder of a platform has to be open to: with builds that run as another user, to them. */
export const modeOfRoot = (isRoot: boolean): number => (isRoot ? 0o711 : 0o700)
