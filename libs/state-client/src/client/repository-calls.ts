import type { Static } from 'typebox'
import { type Door, orUndefined, pathOf, queryOf } from '../transport/door.ts'
import type { Delivery, DeliveryAnswer, LedgerEntry } from '../wire/ledger.ts'
import type { HookSecret, NewRepository, Repository, SecretNames } from '../wire/repository.ts'

/** Registered repositories, how their changes are told, their secrets and their ledger. */
export interface RepositoryCalls {
  /** Registers. Baseline, first entry and its work are one write. @throws REPOSITORY_EXISTS */
  addRepository(repository: NewRepository): Promise<Repository>
  listRepositories(): Promise<Repository[]>
  /** @throws REPOSITORY_UNKNOWN */
  getRepository(slug: string): Promise<Repository>
  findRepository(slug: string): Promise<Repository | undefined>
  /** @throws REPOSITORY_UNKNOWN */
  removeRepository(slug: string): Promise<void>
  getHookSecret(slug: string): Promise<string>
  /** Makes a new one. @throws REPOSITORY_UNKNOWN */
  renewHookSecret(slug: string): Promise<string>
  /** Tells one signed hook. Durable when answered; a redelivery changes nothing. */
  deliver(slug: string, delivery: Delivery): Promise<DeliveryAnswer>
  /** Makes a look at the remote due now; many within a few seconds are one. */
  look(slug: string): Promise<void>
  listSecretNames(slug: string): Promise<string[]>
  setSecret(slug: string, name: string, value: string): Promise<void>
  removeSecret(slug: string, name: string): Promise<void>
  /** Ledger entries, newest first, before the entry with the id `before`. */
  listEntries(query: { repository?: string; limit?: number; before?: number }): Promise<LedgerEntry[]>
}

export function repositoryCalls(door: Door): RepositoryCalls {
  const get = <T>(path: string) => door.json<T>({ method: 'GET', path, repeatable: true })
  const getRepository = (slug: string) => get<Repository>(pathOf`/api/repositories/${slug}`)
  return {
    addRepository: (json) => door.json({ method: 'POST', path: '/api/repositories', json }),
    listRepositories: () => get('/api/repositories'),
    getRepository,
    findRepository: (slug) => orUndefined(getRepository(slug)),
    removeRepository: (slug) => door.tell({ method: 'DELETE', path: pathOf`/api/repositories/${slug}` }),
    getHookSecret: async (slug) =>
      (await get<Static<typeof HookSecret>>(pathOf`/api/repositories/${slug}/hook-secret`)).secret,
    renewHookSecret: async (slug) => {
      const path = pathOf`/api/repositories/${slug}/hook-secret`
      return (await door.json<Static<typeof HookSecret>>({ method: 'POST', path, json: {} })).secret
    },
    deliver: (slug, json) =>
      door.json({ method: 'POST', path: pathOf`/api/repositories/${slug}/deliveries`, json, repeatable: true }),
    look: (slug) =>
      door.tell({ method: 'POST', path: pathOf`/api/repositories/${slug}/look`, json: {}, repeatable: true }),
    listSecretNames: async (slug) =>
      (await get<Static<typeof SecretNames>>(pathOf`/api/repositories/${slug}/secrets`)).names,
    setSecret: (slug, name, value) => {
      const path = pathOf`/api/repositories/${slug}/secrets/${name}`
      return door.tell({ method: 'PUT', path, json: { value }, repeatable: true })
    },
    removeSecret: (slug, name) =>
      door.tell({ method: 'DELETE', path: pathOf`/api/repositories/${slug}/secrets/${name}` }),
    listEntries: (query) => get(`/api/ledger${queryOf(query)}`),
  }
}
