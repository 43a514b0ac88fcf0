import type { BuildStatus, Reason, StepStatus } from '@baton/model'
import type {
  Attempt,
  Build,
  Description,
  LedgerEntry,
  RefHead,
  Repository,
  Step,
  Version,
  WorkKind,
} from '@baton/state-client'

/** Rows as the tables hold them (see schema.ts), and what they are outside. */
type Moment = number | null

export interface RepositoryRow {
  slug: string
  url: string
  refs: string
  every: 'head' | 'commit'
  default_ref: string
  hook_secret: Buffer
  registered_at: number
  last_hook_at: Moment
  last_look_at: Moment
  last_sweep_at: Moment
  sweep_failure: string | null
  removed_at: Moment
}

export interface EntryRow {
  id: number
  repository: string
  ref: string
  era: number
  hash: string
  before: string | null
  source: LedgerEntry['source']
  seen_at: number
  state: LedgerEntry['state']
  reason: string | null
}

export interface FateRow {
  pipeline: string
  fate: LedgerEntry['fates'][number]['fate']
  build: number | null
  status: string | null
  reason: string | null
}

export interface BuildRow {
  id: number
  pipeline: string
  number: number
  lane: 'build' | 'meta'
  repository: string
  hash: string
  ref: string
  entry: number | null
  status: BuildStatus
  reason: string | null
  cause: string
  version_key: string | null
  assembly: string | null
  attempt: number
  kill_wanted: string | null
  author: string | null
  subject: string | null
  created_at: number
  queued_at: Moment
  started_at: Moment
  ended_at: Moment
}

export interface AttemptRow {
  build: number
  number: number
  lane: 'build' | 'meta'
  app_id: string
  digest: string
  bundle_key_hash: string
  token_hash: string | null
  nonce_hash: string | null
  task_id: string | null
  sandbox: string | null
  opened_at: number
  placed_at: Moment
  claimed_at: Moment
  reported_at: Moment
  ended_at: Moment
  ended_state: string | null
  condemned_at: Moment
  removed_at: Moment
  last_seen_at: Moment
  death: string | null
  result: string | null
  timeout_ms: number
  next_event: number
  refused_writes: number
}

export interface StepRow {
  build: number
  attempt: number
  id: string
  name: string
  kind: string
  status: StepStatus
  reason: string | null
  started_at: Moment
  ended_at: Moment
  result: string | null
  bytes: number | null
}

export interface VersionRow {
  key: string
  pipeline: string
  status: Version['status']
  digest: string | null
  message: string | null
  meta_pipeline: string | null
  meta_build: number | null
  description: string | null
}

export interface WorkRow {
  id: string
  kind: WorkKind
  subject: string | null
  build: number | null
  attempt: number | null
  entry: number | null
  available_at: number
  owner: string | null
  epoch: number
  again: number
  failures: number
  done_at: Moment
}

export const toMoment = (ms: number): string => new Date(ms).toISOString()
const moment = (ms: Moment): string | null => (ms === null ? null : toMoment(ms))
export const parse = <T>(json: string): T => JSON.parse(json) as T
const parseOrNull = <T>(json: string | null): T | null => (json === null ? null : parse<T>(json))

export const toRepository = (row: RepositoryRow): Repository => ({
  slug: row.slug,
  url: row.url,
  refs: parse<string[]>(row.refs),
  every: row.every,
  defaultRef: row.default_ref,
  registeredAt: toMoment(row.registered_at),
  lastHookAt: moment(row.last_hook_at),
  lastSweepAt: moment(row.last_sweep_at),
  sweepFailure: row.sweep_failure,
})

export const toHead = ({ ref, head, era }: RefHead): RefHead => ({ ref, head, era })

export const toEntry = (row: EntryRow, fates: readonly FateRow[]): LedgerEntry => ({
  id: row.id,
  repository: row.repository,
  ref: row.ref,
  era: row.era,
  commit: row.hash,
  before: row.before,
  source: row.source,
  seenAt: toMoment(row.seen_at),
  state: row.state,
  reason: parseOrNull<Reason>(row.reason),
  fates: fates.map(({ pipeline, fate, build, status, reason }) => ({
    pipeline,
    fate,
    build,
    buildStatus: status,
    reason: parseOrNull<Reason>(reason),
  })),
})

export const toBuild = (row: BuildRow): Build => ({
  pipeline: row.pipeline,
  number: row.number,
  repository: row.repository,
  commit: row.hash,
  ref: row.ref,
  entry: row.entry,
  status: row.status,
  reason: parseOrNull<Reason>(row.reason),
  cause: parse<Reason>(row.cause),
  versionKey: row.version_key,
  attempt: row.attempt,
  killWanted: row.kill_wanted !== null,
  author: row.author,
  subject: row.subject,
  createdAt: toMoment(row.created_at),
  queuedAt: moment(row.queued_at),
  startedAt: moment(row.started_at),
  endedAt: moment(row.ended_at),
})

export const toAttempt = (row: AttemptRow): Attempt => ({
  number: row.number,
  appId: row.app_id,
  taskId: row.task_id,
  openedAt: toMoment(row.opened_at),
  placedAt: moment(row.placed_at),
  claimedAt: moment(row.claimed_at),
  reportedAt: moment(row.reported_at),
  endedAt: moment(row.ended_at),
  removedAt: moment(row.removed_at),
  lastSeenAt: moment(row.last_seen_at),
  endedState: row.ended_state,
  refusedWrites: row.refused_writes,
})

export const toStep = (row: StepRow): Step => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  status: row.status,
  reason: parseOrNull<Reason>(row.reason),
  startedAt: moment(row.started_at),
  endedAt: moment(row.ended_at),
  outputBytes: row.bytes ?? 0,
  ...(row.result === null ? {} : { result: parse<unknown>(row.result) }),
})

export const toVersion = (row: VersionRow): Version => ({
  key: row.key,
  pipeline: row.pipeline,
  status: row.status,
  digest: row.digest,
  message: row.message,
  metaBuild: row.meta_build,
  description: parseOrNull<Description>(row.description),
})
