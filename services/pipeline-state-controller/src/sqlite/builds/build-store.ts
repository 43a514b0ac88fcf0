import { buildStatuses, isMetaPipeline, isOver, reason, slugOfPipeline } from '@baton/model'
import type { Assembly, Build, BuildDetail, PipelineRow, Resolution, StartBuilds } from '@baton/state-client'
import type { BuildQuery, BuildStore } from '../../builds/build-store.ts'
import { errors } from '../../errors.ts'
import { orderBell } from '../../work/bells.ts'
import { condemn } from '../attempts/condemn.ts'
import { findAttemptRow, findVersionRow, getBuildRow, getRepositoryRow, listSteps } from '../read.ts'
import { type AttemptRow, type BuildRow, parse, toAttempt, toBuild } from '../rows.ts'
import { type Store, type Tx, write } from '../store.ts'
import { endBuild } from './end-build.ts'
import { explainBuild } from './move-build.ts'
import { startAssembly, startBuild } from './start-build.ts'

export function sqliteBuildStore(store: Store): BuildStore {
  return {
    listPipelines: async () => listPipelines(store),
    list: async (query) => listBuilds(store, query),
    get: async (pipeline, number) => getDetail(store, getBuildRow(store.db, pipeline, number)),
    start: async (slug, wanted, who, now) => write(store, 'start', now, (tx) => start(tx, slug, wanted, who)),
    kill: async (pipeline, number, who, comment, now) =>
      write(store, 'kill', now, (tx) => kill(tx, getBuildRow(tx.db, pipeline, number), who, comment)),
    retrigger: async (pipeline, number, who, now) =>
      write(store, 'retrigger', now, (tx) => retrigger(tx, getBuildRow(tx.db, pipeline, number), who)),
  }
}

interface ReadyRow {
  pipeline: string
  repository: string
  newest: string | null
  last_ended: string | null
}

const unfinished = `SELECT pipeline FROM builds
  WHERE status IN (${buildStatuses.filter((status) => !isOver(status)).map((status) => `'${status}'`)})`

function listPipelines({ db }: Store): PipelineRow[] {
  const sql = `SELECT pipelines.* FROM pipelines JOIN repositories ON slug = repository
    WHERE removed_at IS NULL AND (on_default IS NOT 0 OR pipeline IN (${unfinished})) ORDER BY pipeline`
  return db.list<ReadyRow>(sql).map(({ pipeline, repository, newest, last_ended }) => ({
    pipeline,
    repository,
    newest: newest === null ? null : parse<Build>(newest),
    lastEnded: last_ended === null ? null : parse<Build>(last_ended),
  }))
}

const columns = { pipeline: 'pipeline', repository: 'repository', status: 'status', commit: 'hash' } as const

function listBuilds({ db }: Store, query: BuildQuery): Build[] {
  const given = (Object.keys(columns) as (keyof typeof columns)[]).filter((name) => query[name] !== undefined)
  const where = ['created_at < ?', ...given.map((name) => `${columns[name]} = ?`)].join(' AND ')
  const sql = `SELECT * FROM builds WHERE ${where} ORDER BY created_at DESC LIMIT ?`
  const values = given.map((name) => query[name])
  return db.list<BuildRow>(sql, query.before ?? Number.MAX_SAFE_INTEGER, ...values, query.limit).map(toBuild)
}

function getDetail({ db }: Store, row: BuildRow): BuildDetail {
  const attempts = db.list<AttemptRow>('SELECT * FROM attempts WHERE build = ? ORDER BY number', row.id).map(toAttempt)
  return { ...toBuild(row), steps: listSteps(db, row.id, row.attempt), attempts }
}

function start(tx: Tx, slug: string, wanted: StartBuilds, who: string): Build[] {
  const { db } = tx
  getRepositoryRow(db, slug)
  const sql = 'SELECT builds FROM requests WHERE repository = ? AND id = ?'
  const known = db.find<{ builds: string }>(sql, slug, wanted.requestId)
  if (known !== undefined) {
    return parse<[string, number][]>(known.builds).map((name) => toBuild(getBuildRow(db, ...name)))
  }
  const { commit, ref, info } = wanted
  const builds = wanted.resolutions.flatMap((resolution) => {
    checkResolution(slug, resolution)
    if (resolution.build === null) return []
    const { pipeline, build } = resolution
    const cause = reason('ran.person', { who })
    return [
      startBuild(tx, {
        ...{ pipeline, repository: slug, commit, ref, info, cause, entry: null, again: true },
        assembly: build.assembly,
      }),
    ]
  })
  const names = JSON.stringify(builds.map(({ pipeline, number }) => [pipeline, number]))
  db.run('INSERT INTO requests VALUES (?, ?, ?, ?)', slug, wanted.requestId, names, tx.now)
  return builds.map(toBuild)
}

/** What a service says about a pipeline has to fit together. @throws PIPELINE_FOREIGN, ASSEMBLY_WRONG */
export function checkResolution(slug: string, { pipeline, build }: Resolution): void {
  if (slugOfPipeline(pipeline) !== slug || isMetaPipeline(pipeline)) throw errors.PIPELINE_FOREIGN({ pipeline, slug })
  if (build === null) return
  const { key, pipeline: assembled, repository } = build.assembly
  if (key !== build.key || assembled !== pipeline || repository !== slug) throw errors.ASSEMBLY_WRONG({ pipeline })
}

function kill(tx: Tx, build: BuildRow, who: string, comment: string): Build {
  const { pipeline, number, status } = build
  if (isOver(status)) throw errors.BUILD_OVER({ pipeline, number, status })
  if (build.kill_wanted !== null) return toBuild(build)
  const why = reason('killed.person', { who, comment: comment === '' ? 'no reason given' : comment })
  build.kill_wanted = JSON.stringify({ at: tx.now, reason: why })
  tx.db.run('UPDATE builds SET kill_wanted = ? WHERE id = ?', build.kill_wanted, build.id)
  const attempt = findAttemptRow(tx.db, build.id, build.attempt)
  if (status === 'running' || status === 'waiting') {
    // Its process hears it, runs `finally` and reports; if its attempt is dead already, the removal ends the build.
    explainBuild(tx, build, why)
    tx.ring(orderBell(pipeline, number))
  } else {
    if (status === 'placing' && attempt !== undefined) condemn(tx, build, attempt, { reason: why })
    endBuild(tx, build, 'killed', why)
  }
  tx.touchBuild(build.id)
  return toBuild(build)
}

function retrigger(tx: Tx, build: BuildRow, who: string): Build {
  const { pipeline, number, repository } = build
  getRepositoryRow(tx.db, repository)
  if (build.assembly === null) throw errors.BUILD_UNKNOWN({ pipeline, number })
  const again = {
    ...{ pipeline, repository, ref: build.ref, entry: null, again: true },
    commit: build.hash,
    info: build.author === null || build.subject === null ? null : { author: build.author, subject: build.subject },
    cause: reason('ran.again', { who, number }),
    assembly: parse<Assembly>(build.assembly),
  }
  if (!isMetaPipeline(pipeline)) return toBuild(startBuild(tx, again))
  const { key } = again.assembly
  if (findVersionRow(tx.db, key)?.status === 'ready') throw errors.VERSION_READY({ pipeline, number })
  startAssembly(tx, again, again.cause)
  const version = findVersionRow(tx.db, key)
  return toBuild(getBuildRow(tx.db, pipeline, version?.meta_build ?? number))
}
