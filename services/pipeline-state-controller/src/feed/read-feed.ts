import type { BuildDetail, PipelineRow } from '@baton/state-client'
import type { BuildStore } from '../builds/build-store.ts'
import { type Project, projectsOf } from './projects.ts'

/**
 * The entries of all pipelines, or of one repository's. Two builds of each are read, the newest and the one that ended
 * last, however many there were.
 */
export async function readFeed(
  builds: Pick<BuildStore, 'listPipelines' | 'get'>,
  { baseUrl, repository }: { baseUrl: string; repository?: string | undefined },
): Promise<Project[]> {
  const rows = await builds.listPipelines()
  const projects: Project[] = []
  for (const row of rows.filter((one) => repository === undefined || one.repository === repository)) {
    projects.push(...(await readPipeline(builds, row, baseUrl)))
  }
  return projects
}

async function readPipeline(builds: Pick<BuildStore, 'get'>, row: PipelineRow, baseUrl: string): Promise<Project[]> {
  if (row.newest === null) return []
  const read = async ({ pipeline, number }: { pipeline: string; number: number }): Promise<BuildDetail> =>
    await builds.get(pipeline, number)
  const newest = await read(row.newest)
  if (row.lastEnded === null) return projectsOf({ newest, lastEnded: null }, baseUrl)
  const lastEnded = row.lastEnded.number === newest.number ? newest : await read(row.lastEnded)
  return projectsOf({ newest, lastEnded }, baseUrl)
}
