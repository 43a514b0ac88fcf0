import { isOver, type Reason, reason } from '@baton/model'
import { findBuildById } from '../read.ts'
import { type AttemptRow, type BuildRow, parse } from '../rows.ts'
import { type Store, type StoreSettings, write } from '../store.ts'
import { condemn } from './condemn.ts'

/** Beyond what a process allows itself, for clocks and for the way to it. */
const marginMs = 60_000

interface Judging {
  readonly now: number
  readonly upSinceMs: number
  readonly settings: StoreSettings
}

/** A process beats every 20 s. One that is to end and does not even do that hangs: nothing is won by more patience, in ms. */
const hungMs = 60_000

type Verdict = { readonly reason: Reason; readonly status?: 'timed-out' }

/** Condemns attempts that show no sign of life, did not start in time, or do not stop. Each in a write of its own. */
export function watch(store: Store, upSince: Date, now: Date): void {
  const judging = { now: now.getTime(), upSinceMs: upSince.getTime(), settings: store.settings }
  const sql = 'SELECT * FROM attempts WHERE removed_at IS NULL AND condemned_at IS NULL AND reported_at IS NULL'
  for (const attempt of store.db.list<AttemptRow>(sql)) {
    const build = findBuildById(store.db, attempt.build)
    if (build === undefined || isOver(build.status) || judge(judging, build, attempt) === undefined) continue
    write(store, 'watch', now, (tx) => {
      const verdict = judge(judging, build, attempt)
      if (verdict !== undefined) condemn(tx, build, attempt, verdict)
    })
  }
}

/** Why an attempt cannot go on. `undefined`: it may. Rules in the order in which they count. */
function judge(judging: Judging, build: BuildRow, attempt: AttemptRow): Verdict | undefined {
  return attempt.claimed_at === null ? judgePlacing(judging, attempt) : judgeRunning(judging, build, attempt)
}

function judgePlacing({ now, upSinceMs, settings: { placingMs } }: Judging, attempt: AttemptRow): Verdict | undefined {
  // A controller that was away could not hear a claim: the time counts from when it was back.
  const sinceMs = now - Math.max(attempt.opened_at, upSinceMs)
  return sinceMs < placingMs ? undefined : { reason: reason('lost.placing', { seconds: seconds(placingMs) }) }
}

function judgeRunning(
  { now, upSinceMs, settings }: Judging,
  build: BuildRow,
  attempt: AttemptRow,
): Verdict | undefined {
  const { silenceMaxMs, stopMaxMs } = settings
  const silentMs = now - Math.max(attempt.last_seen_at ?? 0, upSinceMs)
  if (silentMs >= silenceMaxMs + marginMs) return { reason: reason('lost.lease', { seconds: seconds(silentMs) }) }
  const stop = build.kill_wanted === null ? undefined : parse<{ at: number; reason: Reason }>(build.kill_wanted)
  const stopLimitMs = silentMs >= hungMs ? hungMs : stopMaxMs
  if (stop !== undefined && now - Math.max(stop.at, upSinceMs) >= stopLimitMs) return { reason: stop.reason }
  const limitMs = attempt.timeout_ms + (silentMs >= hungMs ? hungMs : stopMaxMs + marginMs)
  if (now - Math.max(attempt.claimed_at ?? now, upSinceMs) < limitMs) return undefined
  return { status: 'timed-out', reason: reason('timed-out.build', { seconds: seconds(attempt.timeout_ms) }) }
}

const seconds = (ms: number): number => Math.round(ms / 1_000)
