import type { NewRepository, Repository } from '@baton/state-client'

/** Where registered repositories are kept. */
export interface RepositoryStore {
  /**
   * Registers. Baseline, first ledger entry, its work and the first look are one write.
   * @throws REPOSITORY_EXISTS, DEFAULT_HEAD_MISSING
   */
  add(repository: NewRepository, now: Date): Promise<Repository>
  /** All of them, by slug. */
  list(): Promise<Repository[]>
  /** @throws REPOSITORY_UNKNOWN */
  get(slug: string): Promise<Repository>
  /**
   * Removes. Its history stays; what waits is killed, what runs ends by itself. Numbers of builds are not used again.
   * @throws REPOSITORY_UNKNOWN
   */
  remove(slug: string, who: string, now: Date): Promise<void>
  /** What signs its hooks. @throws REPOSITORY_UNKNOWN */
  hookSecret(slug: string): Promise<string>
  /** Makes a new one and answers it; the one before signs nothing any more. Repeated, it is yet another. @throws REPOSITORY_UNKNOWN */
  renewHookSecret(slug: string, now: Date): Promise<string>
}
