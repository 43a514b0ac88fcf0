import { setImmediate } from 'node:timers/promises'
import { isOver } from '@baton/model'
import type { Build, PipelineRow } from '@baton/state-client'
import type { BuildStore } from '../builds/build-store.ts'
import { toDocument, toEntries } from './cctray.ts'
import { projectsOf } from './projects.ts'

type Builds = Pick<BuildStore, 'listPipelines' | 'get'>

export interface Feed {
  /** The document of all pipelines, or of one repository's. `baseUrl` is where the views are. */
  read(baseUrl: string, repository?: string): Promise<string>
}

/**
 * The feed. Many monitors ask every few seconds while most pipelines rest: their entries are kept until they build again.
 * Of one that builds, two builds are read, however many there were.
 */
export function createFeed(builds: Builds): Feed {
  const kept = new Map<string, { key: string; entries: string }>()
  return {
    async read(baseUrl, repository) {
      const rows = await builds.listPipelines()
      const entries: string[] = []
      for (const { pipeline, repository: of, newest, lastEnded } of rows) {
        if (newest === null || (repository !== undefined && of !== repository)) continue
        const key = `${newest.number} ${baseUrl}`
        const known = kept.get(pipeline)
        const made = known?.key === key ? known.entries : await readEntries(builds, newest, lastEnded, baseUrl)
        if (isOver(newest.status)) kept.set(pipeline, { key, entries: made })
        entries.push(made)
      }
      forgetRemoved(kept, rows)
      return toDocument(entries)
    },
  }
}

async function readEntries(builds: Builds, now: Build, ended: Build | null, baseUrl: string): Promise<string> {
  // Others are served between two pipelines.
  await setImmediate()
  const newest = await builds.get(now.pipeline, now.number)
  if (ended === null) return toEntries(projectsOf({ newest, lastEnded: null }, baseUrl))
  const lastEnded = ended.number === now.number ? newest : await builds.get(ended.pipeline, ended.number)
  return toEntries(projectsOf({ newest, lastEnded }, baseUrl))
}

function forgetRemoved(kept: Map<string, unknown>, rows: readonly PipelineRow[]): void {
  if (kept.size <= rows.length) return
  const names = new Set(rows.map(({ pipeline }) => pipeline))
  for (const pipeline of kept.keys()) if (!names.has(pipeline)) kept.delete(pipeline)
}
