import type { UpgradeStrategy } from '../apps/app.ts'

/** What a rolling upgrade decided when it began; kept, so that a restarted server goes on by the same numbers. */
export interface RollingLimits {
  /** Old and new tasks together may not be more. */
  readonly maxCapacity: number
  /** Old tasks that stay until new ones are ready. */
  readonly keepOldAtFirst: number
}

export interface RollingState {
  /** Wanted instances. */
  readonly wanted: number
  /** Old instances that are not told to stop. */
  readonly oldKept: number
  /** Old instances that may still have a process, told to stop or not. */
  readonly oldActive: number
  /** New instances, launched or waiting. */
  readonly fresh: number
  /** New instances that are healthy and ready. */
  readonly ready: number
}

/** Marathon's TaskReplaceActor at its start. `serving` are the healthy instances of both kinds, `existing` all of them. */
export function rollingLimits(
  wanted: number,
  strategy: UpgradeStrategy,
  existing: number,
  serving: number,
  old: number,
): RollingLimits {
  const minHealthy = Math.ceil(wanted * strategy.minimumHealthCapacity)
  const maxCapacity = Math.floor(wanted * (1 + strategy.maximumOverCapacity))
  // With no room either way nothing could ever move, so one more is allowed.
  const isStuck = minHealthy === maxCapacity && maxCapacity <= serving
  const killNow = Math.max(0, serving - minHealthy, existing > wanted ? existing - wanted : 0)
  return { maxCapacity: isStuck ? maxCapacity + 1 : maxCapacity, keepOldAtFirst: Math.max(0, old - killNow) }
}

/** What to do now: how many old ones to stop, how many new ones to add. Each ready new one lets one old go. */
export function rollingMoves(limits: RollingLimits, state: RollingState): { stop: number; start: number } {
  const keep = state.ready >= state.wanted ? 0 : Math.max(0, limits.keepOldAtFirst - state.ready)
  const room = limits.maxCapacity - state.oldActive - state.fresh
  return {
    stop: Math.max(0, state.oldKept - keep),
    start: Math.max(0, Math.min(state.wanted - state.fresh, room)),
  }
}

export function isRolled(state: RollingState): boolean {
  return state.fresh === state.wanted && state.ready === state.wanted && state.oldActive === 0
}
