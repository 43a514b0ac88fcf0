import type { HealthCheck } from '../apps/app.ts'

/** What one health check knows of one instance: Marathon's `healthCheckResults`. */
export interface Health {
  readonly alive: boolean
  readonly consecutiveFailures: number
  readonly instanceId: string
  readonly firstSuccess?: string
  readonly lastSuccess?: string
  readonly lastFailure?: string
  readonly lastFailureCause?: string
}

/** One probe's answer. `undefined` cause = healthy. */
export interface Probe {
  readonly cause?: string
  readonly at: Date
}

export interface Verdict {
  readonly health: Health
  readonly kill: boolean
}

/** Marathon itself probes the others; the executor beside the task probes these, by slightly other rules. */
export const isMesos = ({ protocol }: HealthCheck) => protocol === 'COMMAND' || protocol.startsWith('MESOS_')

/**
 * What a probe changes. Failures in the grace period before the first success do not count. Marathon looks at the count
 * before the present failure, so it kills on failure number `maxConsecutiveFailures` + 1 (0 = never); Mesos kills on
 * number `maxConsecutiveFailures`.
 */
export function judge(
  before: Health | undefined,
  check: HealthCheck,
  probe: Probe,
  runningSince: Date,
  instanceId: string,
): Verdict {
  const health = before ?? { alive: false, consecutiveFailures: 0, instanceId }
  const at = probe.at.toISOString()
  if (probe.cause === undefined) {
    const firstSuccess = health.firstSuccess ?? at
    return { health: { ...health, alive: true, consecutiveFailures: 0, firstSuccess, lastSuccess: at }, kill: false }
  }
  const ageMs = probe.at.getTime() - runningSince.getTime()
  const isGraced = health.firstSuccess === undefined && ageMs < check.gracePeriodSeconds * 1_000
  if (isGraced) return { health, kill: false }
  const failures = health.consecutiveFailures + 1
  return {
    health: { ...health, alive: false, consecutiveFailures: failures, lastFailure: at, lastFailureCause: probe.cause },
    kill: shouldKill(check, health.consecutiveFailures),
  }
}

function shouldKill(check: HealthCheck, failuresBefore: number): boolean {
  if (isMesos(check)) return failuresBefore + 1 >= check.maxConsecutiveFailures
  return check.maxConsecutiveFailures > 0 && failuresBefore >= check.maxConsecutiveFailures
}

/** Marathon probes a task the first time after its interval, but not later than this. */
const firstProbeMaxMs = 5_000
/** An interval of 0 is allowed; a probe without a pause is not. */
const intervalMinMs = 100

export function intervalMs(check: HealthCheck): number {
  return Math.max(check.intervalSeconds * 1_000, intervalMinMs)
}

export function firstProbeMs(check: HealthCheck): number {
  return isMesos(check) ? check.delaySeconds * 1_000 : Math.min(intervalMs(check), firstProbeMaxMs)
}
