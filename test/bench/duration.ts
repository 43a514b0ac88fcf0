import type { BuildDetail } from '@baton/state-client'

/** From a build's claim to its acknowledged result, by the record: all it did was told and stored in between. */
export function durationMs({ pipeline, number, startedAt, endedAt }: BuildDetail): number {
  if (startedAt === null || endedAt === null) throw new Error(`${pipeline}#${number} has no times`)
  return Date.parse(endedAt) - Date.parse(startedAt)
}
