import type { TreeEntry } from '@baton/git'
import { isPipelineName, pipelineNameLengthMax, pipelineOf } from '@baton/model'

/** Folders whose content may be part of a pipeline. Nothing else of a repository is walked. */
export const isPipelineFolder = (folder: string): boolean => /^(pipelines|pipeline)(\/|$)/.test(folder)

const isTest = (path: string): boolean => /\.test\.[cm]?tsx?$/.test(path)
const isDeclaration = (path: string): boolean => /\.d\.[cm]?ts$/.test(path)
const isSource = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path) && !isDeclaration(path)

/** What a pipeline is made of in any case, by its place in the repository. */
const isCode = (path: string): boolean =>
  path === 'pipeline.ts' ||
  path === 'pipeline.test.ts' ||
  /^tsconfig(\.[\w-]+)?\.json$/.test(path) ||
  isPipelineFolder(path)

/** What decides which packages a pipeline gets. */
const isInstallation = (path: string): boolean =>
  ['package.json', 'package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', '.npmrc'].includes(path)

/** One file that defines a pipeline. */
export interface EntryFile {
  readonly path: string
  readonly pipeline: string
}

/** The files of a commit that matter here, by what they are. */
export interface PipelineFiles {
  readonly entries: readonly EntryFile[]
  readonly code: readonly TreeEntry[]
  readonly installation: readonly TreeEntry[]
  /** TypeScript and JavaScript, whose imports count; tests too, as they run before a version is published. */
  readonly sources: readonly TreeEntry[]
}

/** Sorts what a listing of the root and the pipeline folders showed. */
export function sortPipelineFiles(slug: string, listed: readonly TreeEntry[]): PipelineFiles {
  const files = listed.filter(({ kind }) => kind !== 'folder')
  const code = files.filter(({ path }) => isCode(path))
  return {
    entries: code
      .filter(isEntry)
      .map(({ path }) => ({ path, pipeline: pipelineOf(slug, path) }))
      .filter(isNamed),
    code,
    installation: files.filter(({ path }) => isInstallation(path)),
    sources: code.filter(({ path, kind }) => kind === 'file' && isSource(path)),
  }
}

function isEntry({ path, kind }: TreeEntry): boolean {
  if (kind !== 'file' || isTest(path) || isDeclaration(path)) return false
  return path === 'pipeline.ts' || /^pipelines\/[^/]+\.ts$/.test(path)
}

// A file whose name cannot be that of a pipeline is one that pipelines import.
function isNamed({ path, pipeline }: EntryFile): boolean {
  const name = path === 'pipeline.ts' ? '' : path.slice('pipelines/'.length, -'.ts'.length)
  return name.length <= pipelineNameLengthMax && isPipelineName(pipeline)
}
