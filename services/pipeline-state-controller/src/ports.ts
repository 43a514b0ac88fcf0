import type { AttemptStore } from './attempts/attempt-store.ts'
import type { BuildStore } from './builds/build-store.ts'
import type { EventLog } from './events/event-log.ts'
import type { Hub } from './events/hub.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { OutputStore } from './outputs/output-store.ts'
import type { RepositoryStore } from './repositories/repository-store.ts'
import type { SecretStore } from './secrets/secret-store.ts'
import type { TokenStore } from './tokens/token-store.ts'
import type { VersionStore } from './versions/version-store.ts'
import type { Bells } from './work/bells.ts'
import type { WorkQueue } from './work/work-queue.ts'

/** Everything this service keeps, each behind a narrow port, and what tells of changes. */
export interface Ports {
  readonly repositories: RepositoryStore
  readonly secrets: SecretStore
  readonly ledger: Ledger
  readonly builds: BuildStore
  readonly attempts: AttemptStore
  readonly outputs: OutputStore
  readonly versions: VersionStore
  readonly work: WorkQueue
  readonly events: EventLog
  readonly tokens: TokenStore
  readonly bells: Bells
  readonly hub: Hub
}
