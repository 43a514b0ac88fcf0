import type { LedgerEntry, Step } from '@baton/state-client'
import { errors } from '../errors.ts'
import type { Database } from './database.ts'
import {
  type AttemptRow,
  type BuildRow,
  type EntryRow,
  type FateRow,
  type RepositoryRow,
  type StepRow,
  toEntry,
  toStep,
  type VersionRow,
} from './rows.ts'

/** Single things by their names, for all adapters. */
export const findBuildById = (db: Database, id: number): BuildRow | undefined =>
  db.find<BuildRow>('SELECT * FROM builds WHERE id = ?', id)

export const findBuildRow = (db: Database, pipeline: string, number: number): BuildRow | undefined =>
  db.find<BuildRow>('SELECT * FROM builds WHERE pipeline = ? AND number = ?', pipeline, number)

export const findAttemptRow = (db: Database, build: number, attempt: number): AttemptRow | undefined =>
  db.find<AttemptRow>('SELECT * FROM attempts WHERE build = ? AND number = ?', build, attempt)

export const findVersionRow = (db: Database, key: string): VersionRow | undefined =>
  db.find<VersionRow>('SELECT * FROM versions WHERE key = ?', key)

const stepColumns = `SELECT steps.*, outputs.bytes FROM steps
  LEFT JOIN outputs ON outputs.build = steps.build AND outputs.attempt = steps.attempt AND outputs.step = steps.id`

export const listSteps = (db: Database, build: number, attempt: number): Step[] =>
  db
    .list<StepRow>(`${stepColumns} WHERE steps.build = ? AND steps.attempt = ? ORDER BY position`, build, attempt)
    .map(toStep)

export function findStep(db: Database, build: number, attempt: number, id: string): Step | undefined {
  const sql = `${stepColumns} WHERE steps.build = ? AND steps.attempt = ? AND steps.id = ?`
  const row = db.find<StepRow>(sql, build, attempt, id)
  return row && toStep(row)
}

export function withFates(db: Database, row: EntryRow): LedgerEntry {
  // A build that is not green says why in its entry too: the compiler's message, the step that failed.
  const sql = `SELECT fates.pipeline, fate, build, builds.status, coalesce(fates.reason, builds.reason) AS reason FROM fates
    LEFT JOIN builds ON builds.pipeline = fates.pipeline AND builds.number = fates.build WHERE fates.entry = ?`
  return toEntry(row, db.list<FateRow>(sql, row.id))
}

/** @throws REPOSITORY_UNKNOWN */
export function getRepositoryRow(db: Database, slug: string): RepositoryRow {
  const row = db.find<RepositoryRow>('SELECT * FROM repositories WHERE slug = ? AND removed_at IS NULL', slug)
  if (row === undefined) throw errors.REPOSITORY_UNKNOWN({ slug: slug.slice(0, 80) })
  return row
}

/** @throws BUILD_UNKNOWN */
export function getBuildRow(db: Database, pipeline: string, number: number): BuildRow {
  const row = findBuildRow(db, pipeline, number)
  if (row === undefined) throw errors.BUILD_UNKNOWN({ pipeline: pipeline.slice(0, 80), number })
  return row
}

/** A fact about the database itself. */
export const findFact = (db: Database, name: string): string | undefined =>
  db.find<{ value: string }>('SELECT value FROM facts WHERE name = ?', name)?.value

export const setFact = (db: Database, name: string, value: string): void =>
  void db.run('INSERT INTO facts VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value', name, value)
