import { createReadStream, type ReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Description } from '@baton/state-client'
import { errors } from '../errors.ts'

/** What meta-builds work with, as a release brings it. */
export interface Toolchain {
  /** SHA-256 of its archive: the engine version of every pipeline version. */
  readonly digest: string
  readonly bytes: number
  /** The archive that a meta-build unpacks in its sandbox. */
  openArchive(): ReadStream
  /** The meta-pipeline's own bundle. */
  readMetaPipeline(): Promise<{ bundle: Buffer; description: Description }>
}

/** Opens the toolchain of a release. @throws TOOLCHAIN_UNREADABLE */
export async function openToolchain(dir: string): Promise<Toolchain> {
  const archive = join(dir, 'toolchain.tgz')
  try {
    const digest = (await readFile(join(dir, 'digest'), 'utf8')).trim()
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new Error('its digest is not one')
    const { size } = await stat(archive)
    return {
      digest,
      bytes: size,
      openArchive: () => createReadStream(archive),
      readMetaPipeline: () => readMetaPipeline(dir),
    }
  } catch (error) {
    throw unreadable(dir, error)
  }
}

async function readMetaPipeline(dir: string): Promise<{ bundle: Buffer; description: Description }> {
  try {
    const bundle = await readFile(join(dir, 'meta/pipeline.cjs'))
    const description = JSON.parse(await readFile(join(dir, 'meta/description.json'), 'utf8')) as Description
    return { bundle, description }
  } catch (error) {
    throw unreadable(dir, error)
  }
}

function unreadable(dir: string, error: unknown): Error {
  return errors.TOOLCHAIN_UNREADABLE({ dir, message: error instanceof Error ? error.message : String(error) }, error)
}
