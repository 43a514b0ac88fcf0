import { appIdOf, isMetaPipeline, reason } from '@baton/model'
import type {
  Description,
  PlacePayload,
  RemovePayload,
  Stored,
  SweepPayload,
  Work,
  WorkKind,
} from '@baton/state-client'
import { hashOf } from '../../keys/keys.ts'
import { explainBuild, moveBuild } from '../builds/move-build.ts'
import { findAttemptRow, findBuildById, findFact, findVersionRow, withFates } from '../read.ts'
import {
  type AttemptRow,
  type BuildRow,
  type EntryRow,
  parse,
  type RepositoryRow,
  toHead,
  toRepository,
  type WorkRow,
} from '../rows.ts'
import type { Tx } from '../store.ts'
import { metaFacts } from '../versions/version-store.ts'

type Payload = Work['payload']
type Read = (tx: Tx, row: WorkRow) => Payload | undefined

/** What whoever takes an item has to know. `undefined`: there is nothing to do any more. */
export function payloadOf(tx: Tx, row: WorkRow): Payload | undefined {
  return readers[row.kind](tx, row)
}

const readers: Record<WorkKind, Read> = {
  sweep: readSweep,
  resolve: readResolve,
  'place-build': openAttempt,
  'place-meta': openAttempt,
  'remove-build': readRemoval,
  'remove-meta': readRemoval,
  'reconcile-build': ({ settings }) => ({ installation: settings.installation }),
  'reconcile-meta': ({ settings }) => ({ installation: settings.installation }),
}

function findRepository({ db }: Tx, slug: string | null): RepositoryRow | undefined {
  return db.find<RepositoryRow>('SELECT * FROM repositories WHERE slug = ? AND removed_at IS NULL', slug)
}

function readSweep(tx: Tx, { subject }: WorkRow): SweepPayload | undefined {
  const repository = findRepository(tx, subject)
  if (repository === undefined) return undefined
  const heads = tx.db.list<SweepPayload['heads'][number]>('SELECT * FROM heads WHERE repository = ?', subject)
  return { repository: toRepository(repository), heads: heads.map(toHead) }
}

function readResolve(tx: Tx, { subject, entry }: WorkRow): Payload | undefined {
  const repository = findRepository(tx, subject)
  const row = tx.db.find<EntryRow>("SELECT * FROM entries WHERE id = ? AND state = 'open'", entry)
  if (repository === undefined || row === undefined) return undefined
  return { repository: toRepository(repository), entry: withFates(tx.db, row) }
}

/** Opens the attempt, or finds it open: whoever takes the item again places the same app, with the same ticket. */
function openAttempt(tx: Tx, row: WorkRow): PlacePayload | undefined {
  const build = row.build === null ? undefined : findBuildById(tx.db, row.build)
  if (build === undefined || row.attempt === null) return undefined
  const plan = findPlan(tx, build)
  // Whoever places a build from a URL that is registered no more would not know where it is.
  const repository = findRepository(tx, build.repository)
  if (plan === undefined || repository === undefined) return undefined
  const attempt = findAttemptRow(tx.db, build.id, row.attempt) ?? addAttempt(tx, build, row.attempt, plan)
  if (attempt.condemned_at !== null || attempt.removed_at !== null) return undefined
  if (build.status === 'placing') explainBuild(tx, build, reason('waits.start'))
  const name = `${build.pipeline}#${build.number}`
  return {
    installation: tx.settings.installation,
    pipeline: build.pipeline,
    number: build.number,
    repository: { slug: repository.slug, url: repository.url },
    commit: build.hash,
    ref: build.ref,
    attempt: attempt.number,
    appId: attempt.app_id,
    ticket: tx.keys.ticket(name, attempt.number),
    bundle: {
      digest: attempt.digest,
      path: `/bundles/${tx.keys.bundleKey(name, attempt.number)}/${plan.description.file ?? 'pipeline.mjs'}`,
    },
    cpus: plan.description.cpus,
    memMb: plan.description.memMb,
    diskMb: plan.description.diskMb,
    ...(plan.description.image === undefined ? {} : { image: plan.description.image }),
  }
}

interface Plan {
  readonly digest: string
  readonly description: Description
}

/** What runs: the version, or the meta-pipeline, which may not have been put yet. */
function findPlan(tx: Tx, build: BuildRow): Plan | undefined {
  const [digest, description] = isMetaPipeline(build.pipeline) ? metaPlan(tx) : versionPlan(tx, build)
  return digest && description ? { digest, description: parse<Description>(description) } : undefined
}

const metaPlan = ({ db }: Tx) => [findFact(db, metaFacts.digest), findFact(db, metaFacts.description)] as const

function versionPlan({ db }: Tx, { version_key }: BuildRow) {
  const version = version_key === null ? undefined : findVersionRow(db, version_key)
  return [version?.digest, version?.description] as const
}

function addAttempt(tx: Tx, build: BuildRow, number: number, plan: Plan): AttemptRow {
  const name = `${build.pipeline}#${build.number}`
  tx.db.run(
    `INSERT INTO attempts(build, number, lane, app_id, digest, bundle_key_hash, opened_at, timeout_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    build.id,
    number,
    build.lane,
    appIdOf(tx.settings.installation, build.pipeline, build.number, number),
    plan.digest,
    hashOf(tx.keys.bundleKey(name, number)),
    tx.now,
    plan.description.timeoutMs,
  )
  build.attempt = number
  tx.db.run('UPDATE builds SET attempt = ? WHERE id = ?', number, build.id)
  moveBuild(tx, build, 'placing', reason('waits.start'))
  tx.touchAttempt(build.id, number)
  const added = findAttemptRow(tx.db, build.id, number)
  if (added === undefined) throw new Error(`attempt ${number} of ${name} was added and is not there`)
  return added
}

function readRemoval(tx: Tx, row: WorkRow): RemovePayload | undefined {
  const build = row.build === null ? undefined : findBuildById(tx.db, row.build)
  const attempt = build && row.attempt !== null ? findAttemptRow(tx.db, build.id, row.attempt) : undefined
  if (build === undefined || attempt === undefined) return undefined
  return {
    installation: tx.settings.installation,
    pipeline: build.pipeline,
    number: build.number,
    attempt: attempt.number,
    appId: attempt.app_id,
    taskId: attempt.task_id,
    sandbox: attempt.sandbox === null ? null : parse(attempt.sandbox),
    salvage: attempt.claimed_at !== null && attempt.reported_at === null,
    stored: readStored(tx, attempt),
  }
}

function readStored({ db }: Tx, { build, number, next_event }: AttemptRow): Stored {
  const sql = 'SELECT step, bytes FROM outputs WHERE build = ? AND attempt = ?'
  const outputs = db.list<{ step: string; bytes: number }>(sql, build, number)
  return { nextEvent: next_event, outputs: Object.fromEntries(outputs.map(({ step, bytes }) => [step, bytes])) }
}
