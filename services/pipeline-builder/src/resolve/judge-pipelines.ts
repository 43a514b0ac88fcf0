import { matchesAny, reason } from '@baton/model'
import type { Resolution, Version } from '@baton/state-client'
import type { WantedVersion } from '../versions/read-versions.ts'

export interface Judging {
  readonly wanted: readonly WantedVersion[]
  readonly known: ReadonlyMap<string, Version>
  /** Keys of the same pipelines at the commit before; `undefined` if there is none, or it is not here. */
  keysBefore(): Promise<ReadonlySet<string> | undefined>
  /** Paths changed since then; `undefined` if they cannot be told. */
  changedPaths(): Promise<readonly string[] | undefined>
}

/**
 * What a commit means for each of its pipelines. One that names its paths is passed over only if its own code is what
 * it was before and nothing that concerns it changed; whatever cannot be known builds.
 */
export async function judgePipelines(judging: Judging): Promise<Resolution[]> {
  const resolutions: Resolution[] = []
  for (const version of judging.wanted) {
    const paths = judging.known.get(version.key)?.description?.paths ?? []
    const passed = paths.length > 0 && (await isUntouched(judging, version, paths))
    resolutions.push(passed ? passedOver(version, paths) : toBuild(version, judging.known))
  }
  return resolutions
}

async function isUntouched(judging: Judging, { key }: WantedVersion, paths: readonly string[]): Promise<boolean> {
  const before = await judging.keysBefore()
  if (before?.has(key) !== true) return false
  const changed = await judging.changedPaths()
  return changed !== undefined && !changed.some((path) => matchesAny(paths, path))
}

export function toBuild({ pipeline, key, assembly }: WantedVersion, known: ReadonlyMap<string, Version>): Resolution {
  return { pipeline, build: { key, assembly, firstOfVersion: !known.has(key) }, skipped: null }
}

function passedOver({ pipeline }: WantedVersion, paths: readonly string[]): Resolution {
  const shown = paths.join(', ').slice(0, 300)
  return { pipeline, build: null, skipped: reason('skipped.paths', { paths: shown }) }
}
