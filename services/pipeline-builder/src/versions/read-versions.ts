import { findCommit, listTree, type ObjectReader, type TreeEntry } from '@baton/git'
import type { Assembly } from '@baton/state-client'
import { errors } from '../errors.ts'
import { hasBareImports } from './imports.ts'
import { isPipelineFolder, type PipelineFiles, sortPipelineFiles } from './pipeline-files.ts'
import { versionKey } from './version-key.ts'

/** What assembles one pipeline as it is in a commit. */
export interface WantedVersion {
  readonly pipeline: string
  readonly key: string
  readonly assembly: Assembly
}

/** As many as the wire takes for one commit. */
export const pipelinesMax = 100
const blobsKeptMax = 20_000

/** Reads which pipeline versions a commit wants. Whether a source imports packages is kept by the source's object id. */
export class VersionReader {
  readonly #toolchainDigest: string
  readonly #bareByBlob = new Map<string, boolean>()

  constructor(toolchainDigest: string) {
    this.#toolchainDigest = toolchainDigest
  }

  /** One for each pipeline file of the commit; `undefined` if the commit is not here. @throws PIPELINES_TOO_MANY */
  async read(objects: ObjectReader, slug: string, commit: string): Promise<WantedVersion[] | undefined> {
    const found = await findCommit(objects, commit)
    if (found === undefined) return undefined
    const files = sortPipelineFiles(slug, await listTree(objects, found.tree, isPipelineFolder))
    const count = files.entries.length
    if (count === 0) return []
    if (count > pipelinesMax) throw errors.PIPELINES_TOO_MANY({ commit, count, max: pipelinesMax })
    const bare = await this.#hasBareImports(objects, files.sources)
    return files.entries.map(({ path, pipeline }) => {
      const key = this.#key(pipeline, path, files, bare)
      const assembly = { key, pipeline, repository: slug, entryFile: path, install: bare }
      return { pipeline, key, assembly }
    })
  }

  #key(pipeline: string, entryFile: string, files: PipelineFiles, bare: boolean): string {
    return versionKey({ pipeline, entryFile, files, hasBareImports: bare, toolchainDigest: this.#toolchainDigest })
  }

  async #hasBareImports(objects: ObjectReader, sources: readonly TreeEntry[]): Promise<boolean> {
    const answers = await Promise.all(sources.map(({ id }) => this.#isBare(objects, id)))
    return answers.includes(true)
  }

  async #isBare(objects: ObjectReader, id: string): Promise<boolean> {
    const known = this.#bareByBlob.get(id)
    if (known !== undefined) return known
    const blob = await objects.find(id)
    const bare = blob !== undefined && hasBareImports(blob.bytes.toString('utf8'))
    if (this.#bareByBlob.size >= blobsKeptMax) this.#bareByBlob.clear()
    this.#bareByBlob.set(id, bare)
    return bare
  }
}
