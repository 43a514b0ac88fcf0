import { createHash } from 'node:crypto'
import type { TreeEntry } from '@baton/git'
import type { PipelineFiles } from './pipeline-files.ts'

/** Grows when the rule changes: every pipeline is then assembled anew. */
const ruleVersion = 1
/** Whose code it is: the repository's own branches and tags. Pull requests of forks are a class of their own, later. */
const trustClass = 'own'

export interface KeyParts {
  readonly pipeline: string
  readonly entryFile: string
  readonly files: PipelineFiles
  readonly hasBareImports: boolean
  /** The toolchain's digest is the engine's version. */
  readonly toolchainDigest: string
}

/**
 * The key of a pipeline version: the same key means the same bundle. Made of Git object ids, names and the toolchain
 * alone, so nothing is checked out to know it. The application's own package files count only if the pipeline imports
 * packages.
 */
export function versionKey({ pipeline, entryFile, files, hasBareImports, toolchainDigest }: KeyParts): string {
  const counted = [...files.code, ...(hasBareImports ? files.installation : [])]
  const lines = counted.map(({ path, kind, id }: TreeEntry) => JSON.stringify([path, kind, id])).sort()
  const head = JSON.stringify([ruleVersion, toolchainDigest, trustClass, pipeline, entryFile])
  return createHash('sha256')
    .update([head, ...lines].join('\n'))
    .digest('hex')
}
