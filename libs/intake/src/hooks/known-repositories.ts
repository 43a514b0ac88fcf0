import { normalUrl } from '@baton/git'
import { isSlug } from '@baton/model'
import type { Clock } from '@baton/service-kit'
import type { Repository, StateClient } from '@baton/state-client'

const listMs = 30_000
const missPauseMs = 1_000
const secretMs = 60_000
const secretPauseMs = 1_000
const secretsMax = 10_000

type State = Pick<StateClient, 'listRepositories' | 'getHookSecret'>

interface Listed {
  readonly at: number
  readonly byName: ReadonlyMap<string, Repository>
}

/** Registered repositories and their hook secrets, read again when they are old or something is missing. */
export class KnownRepositories {
  readonly #state: State
  readonly #clock: Clock
  #listed: Listed | undefined
  #reading: Promise<Listed> | undefined
  readonly #secrets = new Map<string, { secret: string; at: number }>()

  constructor(state: State, clock: Clock) {
    this.#state = state
    this.#clock = clock
  }

  /** The repository that any of `names`, slugs or URLs in any form, means. */
  async find(names: readonly string[]): Promise<Repository | undefined> {
    const now = this.#clock.monotonicMs()
    const fresh = this.#listed !== undefined && now - this.#listed.at < listMs
    const listed = fresh && this.#listed !== undefined ? this.#listed : await this.#read()
    const found = findIn(listed, names)
    if (found !== undefined || listed.at >= now) return found
    // It may just have been registered; misses together cause one reading a second, and wait for it.
    const leftMs = listed.at + missPauseMs - this.#clock.monotonicMs()
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs))
    return findIn(await this.#read(), names)
  }

  /** @param again after a signature did not fit: the repository may have been registered anew */
  async getSecret(slug: string, again = false): Promise<string> {
    const now = this.#clock.monotonicMs()
    const known = this.#secrets.get(slug)
    if (known !== undefined && now - known.at < (again ? secretPauseMs : secretMs)) return known.secret
    const secret = await this.#state.getHookSecret(slug)
    if (this.#secrets.size >= secretsMax) this.#secrets.clear()
    this.#secrets.set(slug, { secret, at: now })
    return secret
  }

  forget(slug: string): void {
    this.#listed = undefined
    this.#secrets.delete(slug)
  }

  #read(): Promise<Listed> {
    this.#reading ??= this.#state
      .listRepositories()
      .then((repositories) => {
        const byName = new Map(
          repositories.flatMap((one): [string, Repository][] => [
            [one.slug, one],
            [normalUrl(one.url), one],
          ]),
        )
        this.#listed = { at: this.#clock.monotonicMs(), byName }
        return this.#listed
      })
      .finally(() => {
        this.#reading = undefined
      })
    return this.#reading
  }
}

function findIn(listed: Listed, names: readonly string[]): Repository | undefined {
  for (const name of names) {
    const found = listed.byName.get(isSlug(name) ? name : normalUrl(name))
    if (found !== undefined) return found
  }
  return undefined
}
