import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errors } from '../errors.ts'
import type { Ports } from './ports.ts'
import type { ProcessMark } from './process.ts'
import { writeWhole } from './write-whole.ts'

/** What a platform remembers of itself over restarts, and what the CLI finds it by: DATA/platform.json. */
export interface PlatformFile {
  readonly installation: string
  readonly host: string
  readonly ports: Ports
  readonly marathonUrl: string
  readonly stateUrl: string
  readonly builderUrl: string
  readonly spawnerUrl: string
  /** The release that Marathon and the services are to run from. */
  readonly release: string | null
  /** The folder that builds can reach: it holds the sample's repository. */
  readonly openDir: string
  /** Where tasks get their sandboxes. Absent from files of before it could be elsewhere: below `openDir`. */
  readonly sandboxesDir?: string
  /** The account builds run as; null is the one of the supervisor. */
  readonly buildUser: string | null
  /** The sample was registered once; whoever removed it does not want it back. */
  readonly sampleDone: boolean
}

/** The running local Marathon: DATA/marathon.json. Written when it starts, whoever supervises it later. */
export interface MarathonFile {
  readonly process: ProcessMark
  /** Digest of the file it runs from: another one in a new release means a restart. */
  readonly part: string
  readonly port: number
}

export const marathonUser = 'baton'

export function urlsOf(host: string, ports: Ports) {
  const url = (port: number) => `http://${host}:${port}`
  return {
    marathonUrl: url(ports.marathon),
    stateUrl: url(ports.controller),
    builderUrl: url(ports.builder),
    spawnerUrl: url(ports.spawner),
  }
}

export const sandboxesDirOf = ({ openDir, sandboxesDir }: PlatformFile): string =>
  sandboxesDir ?? join(openDir, 'sandboxes')

/** @throws DATA_UNREADABLE */
export const findPlatformFile = (root: string): PlatformFile | undefined => findJson(join(root, 'platform.json'))
export const findMarathonFile = (root: string): MarathonFile | undefined => findJson(join(root, 'marathon.json'))

export function writePlatformFile(root: string, platform: PlatformFile): PlatformFile {
  writeWhole(join(root, 'platform.json'), `${JSON.stringify(platform, null, 2)}\n`)
  return platform
}

export function writeMarathonFile(root: string, marathon: MarathonFile): void {
  writeWhole(join(root, 'marathon.json'), `${JSON.stringify(marathon, null, 2)}\n`)
}

function findJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === 'EACCES') throw errors.DATA_UNREADABLE({ dir: dirname(file) }, error)
    throw error
  }
}
