import type { App } from '../apps/app.ts'
import { keys, type Machine } from '../machine.ts'
import { type Delay, delayLeftMs, growDelay, isForgiven, rebaseDelay } from './backoff.ts'

/** Delays are kept on disk: a run-once app must not run again because this server was restarted. */
function saveDelay(machine: Machine, appId: string, delay: Delay): void {
  machine.delays.set(appId, delay)
  machine.store.set(keys.delay(appId), delay)
}

export function forgetDelay(machine: Machine, appId: string): boolean {
  if (!machine.delays.delete(appId)) return false
  machine.store.set(keys.delay(appId), null)
  return true
}

/** A task ended by itself: the next launch waits, longer each time. */
export function delayNextLaunch(machine: Machine, app: App): void {
  const { definition, lastConfigChangeAt } = app.current
  const before = machine.delays.get(definition.id)
  saveDelay(machine, definition.id, growDelay(before, definition, lastConfigChangeAt, machine.now().getTime()))
}

/** A task shows life: an existing delay counts from now. */
export function advanceDelay(machine: Machine, appId: string): void {
  const before = machine.delays.get(appId)
  if (before) saveDelay(machine, appId, rebaseDelay(before, machine.now().getTime()))
}

/** Milliseconds until the app may launch again. */
export function launchDelayMs(machine: Machine, app: App): number {
  const { definition, lastConfigChangeAt } = app.current
  return delayLeftMs(machine.delays.get(definition.id), lastConfigChangeAt, machine.now().getTime())
}

export function forgiveOldDelays(machine: Machine): void {
  const nowMs = machine.now().getTime()
  for (const [appId, delay] of machine.delays) if (isForgiven(delay, nowMs)) forgetDelay(machine, appId)
}
