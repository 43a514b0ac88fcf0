import type { StateEvent } from '@baton/state-client'
import { topics } from '../events/topics.ts'
import type { Database } from './database.ts'
import { findAttemptRow, findBuildById, findStep, findVersionRow, withFates } from './read.ts'
import { type EntryRow, type RepositoryRow, toAttempt, toBuild, toRepository, toVersion } from './rows.ts'

/** Tells that something changed. Telling it often in one command makes one event, of how it is at the end. */
export interface Touched {
  touchBuild(id: number): void
  touchAttempt(build: number, attempt: number): void
  touchStep(build: number, attempt: number, step: string): void
  touchEntry(id: number): void
  touchRepository(slug: string): void
  touchVersion(key: string): void
}

type Draft = Omit<StateEvent, 'id'>

export function createTouched(): { touch: Touched; record(db: Database): StateEvent[] } {
  const drafts = new Map<string, (db: Database) => Draft | undefined>()
  const add = (kind: string, parts: readonly (string | number)[], draft: (db: Database) => Draft | undefined): void =>
    void drafts.set(JSON.stringify([kind, ...parts]), draft)
  return {
    touch: {
      touchBuild: (id) => add('build', [id], (db) => draftBuild(db, id)),
      touchAttempt: (build, n) => add('attempt', [build, n], (db) => draftAttempt(db, build, n)),
      touchStep: (build, n, step) => add('step', [build, n, step], (db) => draftStep(db, build, n, step)),
      touchEntry: (id) => add('entry', [id], (db) => draftEntry(db, id)),
      touchRepository: (slug) => add('repository', [slug], (db) => draftRepository(db, slug)),
      touchVersion: (key) => add('version', [key], (db) => draftVersion(db, key)),
    },
    record: (db) => [...drafts.values()].flatMap((draft) => recordEvent(db, draft(db))),
  }
}

function recordEvent(db: Database, draft: Draft | undefined): StateEvent[] {
  if (draft === undefined) return []
  const { type, topics: to, data } = draft
  db.run('INSERT INTO events(type, topics, data) VALUES (?, ?, ?)', type, JSON.stringify(to), JSON.stringify(data))
  return [{ ...draft, id: db.find<{ id: number }>('SELECT last_insert_rowid() AS id')?.id ?? 0 }]
}

/** The overview row is kept ready here, where every change of a build comes by. */
function draftBuild(db: Database, id: number): Draft | undefined {
  const row = findBuildById(db, id)
  if (row === undefined) return undefined
  const build = toBuild(row)
  const json = JSON.stringify(build)
  const { pipeline, number } = build
  const newest = "coalesce(newest ->> '$.number', 0) <= ?"
  db.run(`UPDATE pipelines SET newest = ? WHERE pipeline = ? AND ${newest}`, json, pipeline, number)
  if (row.ended_at !== null) {
    const ended = "coalesce(last_ended ->> '$.number', 0) <= ?"
    db.run(`UPDATE pipelines SET last_ended = ? WHERE pipeline = ? AND ${ended}`, json, pipeline, number)
  }
  const to = [topics.overview, topics.pipeline(pipeline), topics.build(pipeline, number)]
  return { type: 'build', topics: to, data: build }
}

function draftAttempt(db: Database, id: number, attempt: number): Draft | undefined {
  const build = findBuildById(db, id)
  const row = findAttemptRow(db, id, attempt)
  if (build === undefined || row === undefined) return undefined
  const { pipeline, number } = build
  const data = { pipeline, number, attempt: toAttempt(row) }
  return { type: 'attempt', topics: [topics.build(pipeline, number)], data }
}

function draftStep(db: Database, id: number, attempt: number, stepId: string): Draft | undefined {
  const build = findBuildById(db, id)
  const step = findStep(db, id, attempt, stepId)
  if (build === undefined || step === undefined) return undefined
  const { pipeline, number } = build
  const to = [topics.pipeline(pipeline), topics.build(pipeline, number)]
  return { type: 'step', topics: to, data: { pipeline, number, attempt, step } }
}

function draftEntry(db: Database, id: number): Draft | undefined {
  const row = db.find<EntryRow>('SELECT * FROM entries WHERE id = ?', id)
  return row && { type: 'ledger', topics: [topics.ledger(row.repository)], data: withFates(db, row) }
}

function draftRepository(db: Database, slug: string): Draft | undefined {
  const row = db.find<RepositoryRow>('SELECT * FROM repositories WHERE slug = ?', slug)
  if (row === undefined) return undefined
  const data = row.removed_at === null ? toRepository(row) : { slug, removed: true }
  return { type: 'repository', topics: [topics.repositories], data }
}

function draftVersion(db: Database, key: string): Draft | undefined {
  const row = findVersionRow(db, key)
  // The description holds the whole step tree; whoever wants it asks for the version.
  return (
    row && { type: 'version', topics: [topics.pipeline(row.pipeline)], data: { ...toVersion(row), description: null } }
  )
}
