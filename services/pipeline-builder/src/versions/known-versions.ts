import type { StateClient, Version } from '@baton/state-client'

const keptMax = 5_000
const keysPerLookup = 200

/** What the controller knows of versions. One that is ready never changes, so it is asked for once. */
export class KnownVersions {
  readonly #state: Pick<StateClient, 'lookupVersions'>
  readonly #ready = new Map<string, Version>()

  constructor(state: Pick<StateClient, 'lookupVersions'>) {
    this.#state = state
  }

  /** The versions among `keys` that the controller has, in whatever status. */
  async find(keys: readonly string[]): Promise<Map<string, Version>> {
    const unknown = keys.filter((key) => !this.#ready.has(key))
    const asked: Version[] = []
    for (let at = 0; at < unknown.length; at += keysPerLookup) {
      asked.push(...(await this.#state.lookupVersions(unknown.slice(at, at + keysPerLookup))))
    }
    if (this.#ready.size >= keptMax) this.#ready.clear()
    for (const version of asked) if (version.status === 'ready') this.#ready.set(version.key, version)
    const kept = keys.map((key) => this.#ready.get(key)).filter((version) => version !== undefined)
    return new Map([...asked, ...kept].map((version) => [version.key, version]))
  }
}
