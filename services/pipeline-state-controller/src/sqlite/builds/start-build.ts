import { isMetaPipeline, metaPipelineOf, type Reason, reason } from '@baton/model'
import type { Assembly, CommitInfo } from '@baton/state-client'
import { findBuildById, findVersionRow } from '../read.ts'
import type { BuildRow } from '../rows.ts'
import type { Tx } from '../store.ts'
import { schedulePlacing } from '../work/schedule.ts'
import { endBuild } from './end-build.ts'
import { moveBuild } from './move-build.ts'

export interface NewBuild {
  readonly pipeline: string
  readonly repository: string
  readonly commit: string
  readonly ref: string
  readonly entry: number | null
  readonly cause: Reason
  readonly info: CommitInfo | null
  readonly assembly: Assembly
  /** A person asked for it: a version that did not compile is assembled anew. */
  readonly again: boolean
}

/** Adds a build and sends it on its way: queued, waiting for its version, or failed with it. @returns its row */
export function startBuild(tx: Tx, wanted: NewBuild): BuildRow {
  const build = insertBuild(tx, wanted)
  const version = findVersionRow(tx.db, wanted.assembly.key)
  if (version?.status === 'ready') queueBuild(tx, build)
  else if (version?.status === 'broken' && !wanted.again) {
    // The same code cannot compile differently.
    endBuild(tx, build, 'failure', reason('failure.version', { message: version.message ?? '' }))
  } else startAssembly(tx, wanted)
  return build
}

/** The build waits in the queue for its next attempt. */
export function queueBuild(tx: Tx, build: BuildRow, why: Reason = reason('waits.queue')): void {
  moveBuild(tx, build, 'queued', why)
  schedulePlacing(tx, build, build.attempt + 1)
}

/** Starts a meta-build for the version, unless one is under way. */
export function startAssembly(
  tx: Tx,
  wanted: Pick<NewBuild, 'repository' | 'commit' | 'ref' | 'info' | 'assembly'>,
  cause: Reason = reason('ran.version', { hash: wanted.commit.slice(0, 7) }),
): void {
  const { key, pipeline } = wanted.assembly
  const version = findVersionRow(tx.db, key)
  if (version?.status === 'assembling') return
  const meta = insertBuild(tx, {
    ...wanted,
    pipeline: metaPipelineOf(pipeline),
    entry: null,
    cause,
  })
  tx.db.run(
    `INSERT INTO versions(key, pipeline, status, meta_pipeline, meta_build) VALUES (?, ?, 'assembling', ?, ?)
     ON CONFLICT(key) DO UPDATE SET status = 'assembling', message = NULL, meta_pipeline = excluded.meta_pipeline,
       meta_build = excluded.meta_build`,
    key,
    pipeline,
    meta.pipeline,
    meta.number,
  )
  tx.touchVersion(key)
  queueBuild(tx, meta)
}

function insertBuild(tx: Tx, wanted: Omit<NewBuild, 'again'>): BuildRow {
  const { db } = tx
  db.run(
    'INSERT OR IGNORE INTO pipelines(pipeline, repository, last_number) VALUES (?, ?, 0)',
    wanted.pipeline,
    wanted.repository,
  )
  db.run(
    'UPDATE pipelines SET last_number = last_number + 1, repository = ? WHERE pipeline = ?',
    wanted.repository,
    wanted.pipeline,
  )
  db.run(
    `INSERT INTO builds(pipeline, number, lane, repository, hash, ref, entry, status, reason, cause, version_key,
       assembly, author, subject, created_at)
     VALUES (?, (SELECT last_number FROM pipelines WHERE pipeline = ?), ?, ?, ?, ?, ?, 'assembling', ?, ?, ?, ?, ?, ?,
       max(?, 1 + coalesce((SELECT max(created_at) FROM builds), 0)))`,
    wanted.pipeline,
    wanted.pipeline,
    isMetaPipeline(wanted.pipeline) ? 'meta' : 'build',
    wanted.repository,
    wanted.commit,
    wanted.ref,
    wanted.entry,
    JSON.stringify(reason('waits.version')),
    JSON.stringify(wanted.cause),
    wanted.assembly.key,
    JSON.stringify(wanted.assembly),
    wanted.info?.author ?? null,
    wanted.info?.subject ?? null,
    tx.now,
  )
  const id = db.find<{ id: number }>('SELECT last_insert_rowid() AS id')?.id ?? 0
  const row = findBuildById(db, id)
  if (row === undefined) throw new Error(`the new build of ${wanted.pipeline} is not there`)
  tx.touchBuild(id)
  return row
}
