import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const testFile = /\.test\.ts$/
const testsMax = 500

/** Tests of the pipeline's own code, seen from the workspace: pipeline.test.ts, and those in pipelines/ and pipeline/. */
export function findTests(workspace: string): string[] {
  const root = listFolder(workspace, false).filter((path) => path === 'pipeline.test.ts')
  const inside = ['pipeline', 'pipelines'].flatMap((folder) =>
    listFolder(join(workspace, folder), true).map((path) => `${folder}/${path}`),
  )
  return [...root, ...inside.filter((path) => testFile.test(path) && !path.includes('node_modules/'))]
    .sort()
    .slice(0, testsMax)
}

function listFolder(folder: string, recursive: boolean): string[] {
  try {
    return readdirSync(folder, { recursive, encoding: 'utf8' })
  } catch {
    return []
  }
}
