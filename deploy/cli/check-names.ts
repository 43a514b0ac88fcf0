import { buildStatuses, findNearest } from '@baton/model'
import type { StateClient } from '@baton/state-client'
import { errors } from '../errors.ts'

/** @throws STATUS_UNKNOWN */
export function checkStatus(name: string): void {
  const known: readonly string[] = buildStatuses
  if (!known.includes(name)) {
    throw errors.STATUS_UNKNOWN({ name, nearest: guess(name, known), known: known.join(', ') })
  }
}

/** Asks whether these names stand for anything. @throws PIPELINE_UNKNOWN, REPOSITORY_UNKNOWN, with what was probably meant */
export async function checkNames(
  state: StateClient,
  wanted: { pipeline: string | undefined; repository: string | undefined },
): Promise<void> {
  if (wanted.pipeline !== undefined) {
    const rows = await state.listPipelines()
    // A meta-pipeline is there as soon as its pipeline is, even if it never had to assemble anything.
    const known = rows.flatMap(({ pipeline }) => [pipeline, `~${pipeline}`])
    const name = wanted.pipeline
    if (!known.includes(name)) throw errors.PIPELINE_UNKNOWN({ name, nearest: guess(name, known) })
  }
  if (wanted.repository !== undefined) {
    const known = (await state.listRepositories()).map(({ slug }) => slug)
    const name = wanted.repository
    if (!known.includes(name)) throw errors.REPOSITORY_UNKNOWN({ name, nearest: guess(name, known) })
  }
}

function guess(name: string, known: readonly string[]): string {
  const nearest = findNearest(name, known)
  return nearest === undefined ? '' : `did you mean ${nearest}? `
}
