import { type Instance, isRunning } from '../tasks/instance.ts'
import type { CheckStatus } from './checks.ts'
import type { Health } from './health.ts'

export type HealthState = 'unchecked' | 'unknown' | 'healthy' | 'unhealthy'

/** Health lives in memory only, as in Marathon: unknown again after a restart. */
export class HealthBook {
  readonly #results = new Map<string, (Health | undefined)[]>()

  readonly #checks = new Map<string, CheckStatus>()

  /** What the app's `check` found last. */
  findCheck(instanceId: string): CheckStatus | undefined {
    return this.#checks.get(instanceId)
  }

  noteCheck(instanceId: string, status: CheckStatus): void {
    this.#checks.set(instanceId, status)
  }

  find(instanceId: string, index: number): Health | undefined {
    return this.#results.get(instanceId)?.[index]
  }

  note(instanceId: string, index: number, health: Health): void {
    const results = this.#results.get(instanceId) ?? []
    results[index] = health
    this.#results.set(instanceId, results)
  }

  list(instanceId: string): Health[] {
    return (this.#results.get(instanceId) ?? []).filter((health) => health !== undefined)
  }

  forget(instanceId: string): void {
    this.#results.delete(instanceId)
    this.#checks.delete(instanceId)
  }

  forgetAll(): void {
    this.#results.clear()
    this.#checks.clear()
  }

  stateOf(instance: Instance): HealthState {
    const checks = instance.task?.healthChecks ?? []
    if (checks.length === 0) return 'unchecked'
    const results = checks.map((_, index) => this.find(instance.id, index))
    if (results.some((health) => health !== undefined && !health.alive && health.lastFailure !== undefined))
      return 'unhealthy'
    return results.every((health) => health?.alive) ? 'healthy' : 'unknown'
  }

  /** Whether a deployment may count on it. */
  isServing(instance: Instance): boolean {
    const state = this.stateOf(instance)
    return isRunning(instance) && (state === 'unchecked' || state === 'healthy')
  }
}
