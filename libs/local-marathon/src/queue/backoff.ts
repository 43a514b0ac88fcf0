/** How long relaunches of an app wait. Marathon keeps one for each app and config version, not one for each task. */
export interface Delay {
  /** The config it belongs to; another config starts without a delay. */
  readonly configVersion: string
  readonly delayMs: number
  /** The wait counts from here: the last end of a task, or the last sign of life of one. */
  readonly sinceMs: number
  readonly maxMs: number
}

export interface BackoffRule {
  readonly backoffSeconds: number
  readonly backoffFactor: number
  readonly maxLaunchDelaySeconds: number
}

/** A task of the app ended by itself. Marathon's RateLimiter.addDelay. */
export function growDelay(before: Delay | undefined, rule: BackoffRule, configVersion: string, nowMs: number): Delay {
  const maxMs = rule.maxLaunchDelaySeconds * 1_000
  const isSame = before !== undefined && before.configVersion === configVersion
  const wantedMs = isSame ? before.delayMs * rule.backoffFactor : rule.backoffSeconds * 1_000
  return { configVersion, delayMs: Math.min(wantedMs, maxMs), sinceMs: nowMs, maxMs }
}

/** A task is staging, starting or running: the wait counts from now, and does not get shorter. RateLimiter.advanceDelay. */
export function rebaseDelay(before: Delay, nowMs: number): Delay {
  return { ...before, sinceMs: nowMs }
}

/** Nothing happened for the longest possible delay: the past is forgiven. */
export function isForgiven(delay: Delay, nowMs: number): boolean {
  return nowMs - delay.sinceMs > delay.maxMs
}

/** Milliseconds until a launch is allowed again; 0 = now. */
export function delayLeftMs(delay: Delay | undefined, configVersion: string, nowMs: number): number {
  if (delay === undefined || delay.configVersion !== configVersion) return 0
  return Math.max(0, delay.sinceMs + delay.delayMs - nowMs)
}
