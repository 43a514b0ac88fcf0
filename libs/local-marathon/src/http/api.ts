import type { Applications } from '../apps/applications.ts'
import type { RootUpdates } from '../groups/root-updates.ts'
import type { Readiness } from '../health/readiness.ts'
import type { Machine } from '../machine.ts'
import type { ServicePorts } from '../ports/service-ports.ts'
import type { Runner } from '../tasks/runner.ts'

/** What the routes need. */
export interface Api {
  readonly machine: Machine
  readonly root: RootUpdates
  readonly applications: Applications
  readonly runner: Runner
  readonly readiness: Readiness
  readonly servicePorts: ServicePorts
  /** Forgets what a new leader would not know: health, and delays where they are not kept. */
  abdicate(): void
}
