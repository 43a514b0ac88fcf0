import type { HealthCheck } from '../apps/app.ts'
import { instancesOf, type Machine } from '../machine.ts'
import { isActive } from '../tasks/instance.ts'

/**
 * Which health checks are at work, by app and version, for those who follow the events. As in Marathon each version
 * brings its own, also one that only scales, and those of an older version stay until no task of it is left.
 */
export function createActiveChecks(machine: Machine) {
  const active = new Map<string, Map<string, readonly HealthCheck[]>>()

  /** Adds what the app's present version and its tasks need, removes what nothing needs any more. */
  function reconcile(appId: string): void {
    const versions = active.get(appId) ?? new Map<string, readonly HealthCheck[]>()
    const wanted = wantedVersions(appId)
    for (const version of [...versions.keys()]) if (!wanted.has(version)) remove(appId, versions, version)
    for (const version of wanted) if (!versions.has(version)) add(appId, versions, version)
    if (versions.size === 0) active.delete(appId)
    else active.set(appId, versions)
  }

  /** An app that is being removed needs none: they go before its tasks do. */
  function wantedVersions(appId: string): Set<string> {
    const app = machine.apps.get(appId)
    if (!app) return new Set()
    return new Set([
      app.current.version,
      ...instancesOf(machine, appId)
        .filter(isActive)
        .map((one) => one.version),
    ])
  }

  function add(appId: string, versions: Map<string, readonly HealthCheck[]>, version: string): void {
    const app = machine.apps.get(appId)
    const given = app && [app.current, ...app.older].find((one) => one.version === version)?.definition.healthChecks
    if (!given) return
    versions.set(version, given)
    for (const healthCheck of given) {
      machine.events.emit('add_health_check_event', { appId, version, healthCheck })
    }
  }

  function remove(appId: string, versions: Map<string, readonly HealthCheck[]>, version: string): void {
    for (const _ of versions.get(version) ?? []) machine.events.emit('remove_health_check_event', { appId })
    versions.delete(version)
  }

  /** A leader that goes takes all of them with it; the next one begins anew. */
  function removeAll(): void {
    for (const [appId, versions] of active) {
      for (const version of [...versions.keys()]) remove(appId, versions, version)
    }
    active.clear()
  }

  return { reconcile, removeAll }
}

export type ActiveChecks = ReturnType<typeof createActiveChecks>
